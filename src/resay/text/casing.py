"""Which words of a paraphrase take capitals."""

from __future__ import annotations

from collections.abc import Sequence

from resay.text.addresses import is_address
from resay.text.sentence_starts import sentence_starts
from resay.text.spacing import is_clitic
from resay.text.special import NUM
from resay.text.style import Style


def restore_case(words: Sequence[str], style: Style) -> list[str]:
    """Return ``words`` with capitals as in ``style``.

    Sentence case gives names as the style has them, ``I``, and a capital at each sentence start.
    """
    if style.case == "lower":
        return list(words)
    if style.case == "upper":
        return [_shout(word) for word in words]
    names = style.names
    cased = [names.get(word, "I" if word == "i" else word) for word in words]
    return [
        _capitalize(word) if first and word == plain else word
        for word, plain, first in zip(cased, words, sentence_starts(words), strict=True)
    ]


def _shout(word: str) -> str:
    """Return ``word`` in capitals, if it is no address and lower-casing gives ``word`` back."""
    capitals = word.upper()
    return word if word == NUM or capitals.lower() != word or is_address(word) else capitals


def _capitalize(word: str) -> str:
    """Return ``word`` with a capital, if it is no address and lower-casing gives ``word`` back."""
    if is_clitic(word) or is_address(word):
        return word
    head = 1 if word.startswith("'") else 0
    capital = word[head : head + 1].upper()
    if len(capital) != 1 or capital.lower() != word[head]:
        return word
    return word[:head] + capital + word[head + 1 :]
