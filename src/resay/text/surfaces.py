"""Where in the source text each word came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WHITE_SPACE = re.compile(r"[\s\u200b\x1c-\x1f]")


def find_spans(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return start and end of each word in ``text``, widened over what normalising took from its edges.

    Where a pattern was replaced (``12.50`` by ``_num_``), ``tokenizers`` reports the place of its last
    character only, and composed accents are reported without the mark. What lies between two words is
    therefore given back: before white space to the word on the left, after it to the word on the right.
    """
    if not offsets:
        return []
    starts: list[int] = []
    ends: list[int] = []
    previous_end = 0
    for start, end in offsets:
        left_end, right_start = _divide_gap(text, previous_end, start)
        if ends:
            ends[-1] = max(ends[-1], left_end)
        starts.append(right_start if ends else _skip_white_space(text, 0, start))
        ends.append(end)
        previous_end = max(previous_end, end)
    ends[-1] = max(ends[-1], _divide_gap(text, previous_end, len(text))[0])
    return list(zip(starts, ends, strict=True))


def _divide_gap(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the left word ends and the right word starts, for the gap ``start`` to ``end``."""
    if start >= end or (end - start == 1 and text[start] == " "):
        return start, end
    gap = text[start:end]
    space = _WHITE_SPACE.search(gap)
    if space is not None:
        return start + space.start(), _skip_white_space(text, start, end)
    # Marks and controls cling to the word before them; anything else is the first part of a replaced pattern.
    num_clinging = next((i for i, char in enumerate(gap) if unicodedata.category(char)[0] not in "MC"), len(gap))
    return start + num_clinging, start + num_clinging


def _skip_white_space(text: str, start: int, end: int) -> int:
    """Return where the last run without white space starts between ``start`` and ``end``."""
    position = end
    while position > start and not _WHITE_SPACE.match(text[position - 1]):
        position -= 1
    return position
