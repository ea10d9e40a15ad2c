"""Which words of a text are names."""

from __future__ import annotations

from collections.abc import Sequence

from resay.text.encoding import Encoding
from resay.text.sentence_starts import sentence_starts
from resay.text.spacing import is_clitic
from resay.text.special import NUM

_MIN_HEADLINE_WORDS = 3


def find_names(source: Encoding) -> dict[str, str]:
    """Return the words that ``source`` capitalises without need, as it writes them.

    The first word of a sentence proves nothing unless it has a capital further on (``McDonald``, ``BBQ``). A
    sentence all in capitals, or with a capital on every word, proves nothing either; nor does a word that
    also stands in lower case. ``CA N'T`` stays a verb.
    """
    names: dict[str, str] = {}
    plain: set[str] = set()
    for sentence in _sentences(source):
        surfaces = [surface for _, surface in sentence]
        if _is_shouted(surfaces) or _is_headline(surfaces):
            continue
        for position, (token, surface) in enumerate(sentence):
            following = sentence[position + 1][0] if position + 1 < len(sentence) else ""
            if token in {NUM, "i"} or is_clitic(token) or following == "n't":
                continue
            if surface == token:
                plain.add(token)
            elif surface.lower() == token and (position > 0 or surface[1:] != surface[1:].lower()):
                names.setdefault(token, surface)
    return {token: surface for token, surface in names.items() if token not in plain}


def _sentences(source: Encoding) -> list[list[tuple[str, str]]]:
    """Return the lettered words of each sentence as (token, surface)."""
    sentences: list[list[tuple[str, str]]] = []
    pairs = zip(source.tokens, source.surfaces, sentence_starts(source.tokens), strict=True)
    for token, surface, first in pairs:
        if first or not sentences:
            sentences.append([])
        if any(char.isalpha() for char in surface):
            sentences[-1].append((token, surface))
    return sentences


def _is_shouted(surfaces: Sequence[str]) -> bool:
    """Whether no letter is lower-case, and there are words enough to tell shouting from an acronym."""
    return len(surfaces) > 1 and not any(char.islower() for surface in surfaces for char in surface)


def _is_headline(surfaces: Sequence[str]) -> bool:
    """Whether every word past the first has a capital."""
    rest = [surface for surface in surfaces[1:] if not is_clitic(surface.lower())]
    return len(rest) >= _MIN_HEADLINE_WORDS and all(surface[0].isupper() for surface in rest)
