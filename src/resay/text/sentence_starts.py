"""Where sentences start."""

from __future__ import annotations

from collections.abc import Sequence

SENTENCE_ENDS = frozenset({".", "!", "?"})
_TRANSPARENT = frozenset({'"', "'", "(", "[", "{", ")", "]", "}", *SENTENCE_ENDS})


def sentence_starts(words: Sequence[str]) -> list[bool]:
    """Return for each word whether a sentence starts with it, quotes and brackets looked through."""
    starts = []
    waiting = True
    for word in words:
        starts.append(waiting and word not in _TRANSPARENT)
        waiting = word in SENTENCE_ENDS or (waiting and word in _TRANSPARENT)
    return starts
