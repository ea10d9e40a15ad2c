"""Texts as measures of paraphrases see them: words, normal form, numbers. No model's vocabulary is involved."""

import re
from collections import Counter

from resay.text import NUM, split_words

_NUMBER = re.compile(rf"{NUM}|\d+(?:[.,:/-]\d+)*")


def words_of(text: str) -> list[str]:
    """Return the normalised words of a text, punctuation included."""
    return split_words(text)


def normal_form(text: str) -> tuple[str, ...]:
    """Return what two texts have in common that differ in case, spacing and punctuation alone.

    These are the words that hold a letter or a digit; all of them, if none does.
    """
    words = words_of(text)
    return tuple(word for word in words if any(character.isalnum() for character in word)) or tuple(words)


def numbers_of(text: str) -> Counter[str]:
    """Return how often each number stands in a text, digit for digit."""
    return Counter(_NUMBER.findall(text))
