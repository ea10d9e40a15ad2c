"""How a text is written, so that its paraphrases can be written alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from resay.text.addresses import is_address
from resay.text.encoding import Encoding
from resay.text.names import find_names
from resay.text.special import NUM
from resay.text.words import has_letter_or_digit

Case = Literal["sentence", "lower", "upper"]
"""Capitals at sentence starts and on names; none at all; nothing but capitals."""

FINAL_MARKS = frozenset({".", "!", "?", "..."})
CLOSING_MARKS = frozenset({'"', "'", ")", "]", "}"})
_FEWEST_SHOUTED_WORDS = 2
_SHORTEST_SHOUTED_WORD = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is written.

    Attributes:
        case: Which letters are capitals.
        names: The words that it writes with a capital inside sentences, as it writes them.
        final_mark: The mark that ends it, ``.``, ``!``, ``?`` or ``...``; empty if there is none.
    """

    case: Case = "sentence"
    names: Mapping[str, str] = field(default_factory=dict)
    final_mark: str = ""


PROSE = Style()


def find_style(source: Encoding) -> Style:
    """Return how ``source`` is written."""
    case = find_case(source)
    return Style(case, find_names(source) if case == "sentence" else {}, find_final_mark(source.tokens))


def find_case(source: Encoding) -> Case:
    """Return ``lower`` for a text that begins with a small letter and has no capital, ``upper`` for a shouted one.

    Addresses and numbers prove nothing; a text without capitals that begins with a number is ``lower`` if it
    says ``i``, or ``_num_`` as corpora do. Shouting takes two words of several letters: ``OK`` and ``NYC!``
    are no shouting.
    """
    pairs = zip(source.tokens, source.surfaces, strict=True)
    surfaces = [surface for token, surface in pairs if token != NUM and not is_address(token)]
    text = "".join(surfaces)
    if text.islower():
        first = next(char for token in source.surfaces for char in token if char.isalnum())
        return "lower" if first.islower() or "i" in surfaces or NUM in source.surfaces else "sentence"
    if text.isupper():
        num_shouted = sum(sum(map(str.isupper, surface)) >= _SHORTEST_SHOUTED_WORD for surface in surfaces)
        return "upper" if num_shouted >= _FEWEST_SHOUTED_WORDS else "sentence"
    return "sentence"


def find_final_mark(tokens: list[str]) -> str:
    """Return the mark that ends the text, closing quotes, brackets and symbols (emoji) looked through."""
    for token in reversed(tokens):
        if token in FINAL_MARKS:
            return token
        if token not in CLOSING_MARKS and (has_letter_or_digit(token) or token.isascii()):
            return ""
    return ""
