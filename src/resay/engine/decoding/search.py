"""The contract between the shared step loop and a search: prefixes in, picks out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

IMPOSSIBLE = -1e8
"""A log-probability below this marks a word that the graph masks; no search gets to see it."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Unfinished hypotheses of several sources, in order of source and lane.

    A lane is a part of a source's search with hypotheses of its own: a group of beams, or one sample.

    Attributes:
        sources: Which source each belongs to.
        lanes: Which lane of that source.
        rows: Which row of the step graph has its state; prefixes that say the same share one.
        words: What it says so far: all have the same number of words.
        log_probs: Σ log p of its words, the model's own.
        scores: What the search goes by: the same sum with penalties.
    """

    sources: Int64[ndarray, " P"]
    lanes: Int64[ndarray, " P"]
    rows: Int64[ndarray, " P"]
    words: Int64[ndarray, "P T"]
    log_probs: Float64[ndarray, " P"]
    scores: Float64[ndarray, " P"]

    def __len__(self) -> int:
        """Return the number of prefixes."""
        return len(self.sources)

    @property
    def num_words(self) -> int:
        """Return T."""
        return int(self.words.shape[1])

    def take(self, chosen: Int64[ndarray, " Q"] | Bool[ndarray, " P"]) -> "Prefixes":
        """Return some of the prefixes."""
        return Prefixes(
            self.sources[chosen],
            self.lanes[chosen],
            self.rows[chosen],
            self.words[chosen],
            self.log_probs[chosen],
            self.scores[chosen],
        )


@dataclass(frozen=True, slots=True)
class Picks:
    """Which prefixes are extended by which candidates; those by the end mark become hypotheses.

    Attributes:
        parents: The prefix each extends, whose source and lane it keeps; in order of source and lane.
        columns: The candidate of that prefix.
        scores: What the search goes by, of the whole extension.
    """

    parents: Int64[ndarray, " C"]
    columns: Int64[ndarray, " C"]
    scores: Float64[ndarray, " C"]


@runtime_checkable
class Search(Protocol):
    """Chooses which prefixes of several sources, with the same settings, go on and how.

    The search decides; the step loop computes, keeps the prefixes and ends them where they are too long or
    too late. A prefix that is not picked is dropped.
    """

    @property
    def quotas(self) -> Sequence[int]:
        """Return the most hypotheses of each lane of a source; every lane begins as one empty prefix."""

    @property
    def num_candidates(self) -> int:
        """Return how many possible candidates of each prefix it needs to see."""

    def choose(
        self, prefixes: Prefixes, candidate_ids: Int64[ndarray, "P K"], scores: Float64[ndarray, "P K"]
    ) -> Picks:
        """Pick extensions.

        Args:
            prefixes: What goes on.
            candidate_ids: The most probable next words of each prefix.
            scores: Their log-probabilities with all penalties, best first before the penalties; −∞ must not
                be picked.
        """


def rank_within(groups: Int64[ndarray, " C"]) -> Int64[ndarray, " C"]:
    """Return each element's position among the elements of its own group; `groups` is ascending."""
    if len(groups) == 0:
        return groups
    is_first = np.empty(len(groups), dtype=np.bool_)
    is_first[0] = True
    np.not_equal(groups[1:], groups[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    places: Int64[ndarray, " C"] = np.arange(len(groups)) - starts[np.cumsum(is_first) - 1]
    return places
