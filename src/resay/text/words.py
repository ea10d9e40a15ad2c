"""What kind of word a normalised word is."""

from __future__ import annotations

from resay.text.stop_words import STOP_WORDS


def has_letter_or_digit(token: str) -> bool:
    """Return whether a token is a word rather than punctuation."""
    return token.isalnum() or any(character.isalnum() for character in token)


def is_content_word(token: str) -> bool:
    """Return whether a token carries meaning of its own: neither punctuation nor a function word."""
    return token not in STOP_WORDS and has_letter_or_digit(token)
