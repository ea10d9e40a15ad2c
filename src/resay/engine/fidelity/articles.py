"""*a* or *an*, when the word after it is no longer the one that the article was said for."""

import re
from collections.abc import Sequence
from itertools import pairwise

from resay.engine.fidelity.line import Line

_AN = re.compile(r"[aeio](?!ne?$|nce$|ne-|u)[a-z]")
"""A vowel at the beginning: not *one, once, European*."""
_A = re.compile(r"[bcdfgjklmnpqrstvwyz][a-z]{4}")
"""A consonant at the beginning: no *h*, which may be silent, and no abbreviation, which may be spelt out."""


def correct_articles(line: Line, tokens: Sequence[str]) -> None:
    """Make *a* of *an* and the other way round where the next word's beginning leaves no doubt.

    Exchanging words for others leaves such articles behind. What the source says itself is not touched.

    Args:
        line: The candidate.
        tokens: The source.
    """
    words = line.words
    if "a" not in words and "an" not in words:
        return
    said = set(pairwise(tokens))
    for position in range(len(words) - 1):
        word, following = words[position], words[position + 1]
        if word in ("a", "an") and (word, following) not in said and not line.is_fixed(position):
            if word == "a" and _AN.match(following):
                words[position] = "an"
            elif word == "an" and _A.match(following):
                words[position] = "a"
