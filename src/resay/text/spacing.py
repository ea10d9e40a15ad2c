"""Where spaces stand between the words of prose."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from resay.text.special import NUM
from resay.text.splitting import split_words

CLITICS = frozenset({"n't", "'s", "'re", "'ve", "'ll", "'d", "'m"})
_NO_SPACE_BEFORE = frozenset({".", ",", "!", "?", ";", ":", "%", ")", "]", "}", "...", *CLITICS})
_NO_SPACE_AFTER = frozenset({"(", "[", "{", "$", "£", "€", "¥", "#"})
_MAX_TOGETHER = 12
"""Words written together without a space at most; keeps the check of long runs of marks linear."""


def is_clitic(word: str) -> bool:
    """Whether ``word`` is the short form of *not, is, are, have, will, would, am*."""
    return word in CLITICS


def join_words(words: Sequence[str], written: Sequence[str]) -> str:
    """Return ``written``, the final form of each word, with the spaces of prose.

    Words are written together only where splitting takes them apart again: ``mr`` and ``.`` stay apart, for
    ``mr.`` is one word.

    Args:
        words: Normalised words, which decide on the spaces.
        written: The same words with their capitals and numbers; an empty one for a word that the text of the
            word before it holds too.
    """
    glued = _glue(words)
    parts: list[str] = []
    start = 0  # of the words written together so far
    for position, text in enumerate(written):
        if not text:
            continue
        stop = position + 1
        while stop < len(written) and not written[stop]:
            stop += 1
        together = slice(start, stop)
        if position and not (
            glued[position]
            and position - start < _MAX_TOGETHER
            and _stay_apart("".join(written[together]), tuple(words[together]))
        ):
            parts.append(" ")
            start = position
        parts.append(text)
    return "".join(parts)


def _glue(words: Sequence[str]) -> list[bool]:
    """Return for each word whether prose writes it together with the word before it."""
    sides = [_sides(words, position, quotes) for position, quotes in enumerate(_quotes_so_far(words))]
    return [position > 0 and (sides[position][0] or sides[position - 1][1]) for position in range(len(words))]


def _sides(words: Sequence[str], position: int, is_open: bool) -> tuple[bool, bool]:
    """Return whether the word clings to the one before it and to the one after it."""
    word = words[position]
    if word == '"' or word == "'":
        return _quote_sides(words, position, is_open)
    return word in _NO_SPACE_BEFORE, word in _NO_SPACE_AFTER


def _quotes_so_far(words: Sequence[str]) -> list[bool]:
    """Return for each word whether a quotation by that same mark is open before it; False for other words."""
    is_open = {'"': False, "'": False}
    states = []
    for position, word in enumerate(words):
        states.append(is_open.get(word, False))
        if word in is_open:
            left, right = _quote_sides(words, position, is_open[word])
            is_open[word] = right and not left
    return states


def _quote_sides(words: Sequence[str], position: int, is_open: bool) -> tuple[bool, bool]:
    word = words[position]
    before = words[position - 1] if position else ""
    after = words[position + 1] if position + 1 < len(words) else ""
    if is_open:
        return True, False
    if word == "'" and before == NUM:  # feet and inches
        return True, after == NUM
    if word == "'" and before.endswith("s") and before not in CLITICS:  # the owners' dog
        return True, False
    if word in words[position + 1 :]:
        return False, True
    is_last = not after or after in _NO_SPACE_BEFORE
    return is_last, not is_last


@lru_cache(maxsize=16_384)
def _stay_apart(text: str, words: tuple[str, ...]) -> bool:
    """Whether the words, written together as ``text``, split into the same words again."""
    return tuple(split_words(text)) == words
