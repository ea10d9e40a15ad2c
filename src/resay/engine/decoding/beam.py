"""Beam search: the most probable hypotheses of each source, by the mean score of their tokens."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Picks, Prefixes, rank_within
from resay.text import EOS_ID


class BeamSearch:
    """Keeps `num_beams` unfinished prefixes for each source.

    At every step a source's prefixes are extended by every candidate and ordered by score, ties by prefix and
    candidate. Those of the best `num_beams` that end are hypotheses, with the score Σ score / tokens, the end
    mark counted; the best `num_beams` that do not end go on. A source stops when it has `num_beams`
    hypotheses and the mean score of its best prefix is no better than that of the worst of them.

    Args:
        settings: `num_hypotheses` is the number of beams.
        requests: One for each source.
    """

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        self.num_beams = settings.num_hypotheses
        self.quotas = (self.num_beams,)
        # Of one prefix's candidates at most one is the end mark, so this always leaves enough that go on.
        self.num_candidates = self.num_beams + 1
        # Mean scores of each source's best hypotheses, best first, −∞ for those that it does not have yet.
        self.best_ended = np.full((len(requests), self.num_beams), -np.inf)

    def choose(
        self, prefixes: Prefixes, candidate_ids: Int64[ndarray, "P K"], scores: Float64[ndarray, "P K"]
    ) -> Picks:
        """Pick the best extensions of each source."""
        best = best_extensions(prefixes.sources, prefixes.scores[:, np.newaxis] + scores, 2 * self.num_beams)
        means = best.scores / (prefixes.num_words + 1)
        is_possible = np.isfinite(means)
        is_end = candidate_ids[best.parents, best.columns] == EOS_ID
        ending = is_possible & is_end
        ending[:, self.num_beams :] = False
        going = is_possible & ~is_end
        going &= np.cumsum(going, axis=1) <= self.num_beams
        worst = self._remember(best.sources, np.where(ending, means, -np.inf))
        going &= (np.where(going, means, -np.inf).max(axis=1) > worst)[:, np.newaxis]
        chosen = ending | going
        return Picks(best.parents[chosen], best.columns[chosen], best.scores[chosen])

    def _remember(self, sources: Int64[ndarray, " S"], means: Float64[ndarray, "S D"]) -> Float64[ndarray, " S"]:
        """Put the means of new hypotheses, −∞ for none, among the best; return the last of these."""
        both = np.concatenate([self.best_ended[sources], means], axis=1)
        kept = -np.sort(-both, axis=1)[:, : self.num_beams]
        self.best_ended[sources] = kept
        return kept[:, -1]


class Extensions(NamedTuple):
    """A line of extensions for each source, best first; their score is −∞ where there are no more."""

    sources: Int64[ndarray, " S"]
    parents: Int64[ndarray, "S D"]
    columns: Int64[ndarray, "S D"]
    scores: Float64[ndarray, "S D"]


def best_extensions(sources: Int64[ndarray, " P"], totals: Float64[ndarray, "P K"], num_best: int) -> Extensions:
    """Return the best extensions of each source that has prefixes; `sources` is ascending, not empty."""
    width = totals.shape[1]
    places = rank_within(sources)
    first_prefixes = np.flatnonzero(places == 0)
    # One line for each source: its prefixes side by side, −∞ where it has fewer than the fullest one.
    padded = np.full((len(first_prefixes), int(places.max()) + 1, width), -np.inf)
    padded[np.cumsum(places == 0) - 1, places] = totals
    lines = padded.reshape(len(first_prefixes), -1)
    best = best_columns(lines, num_best)
    # Where a line has too few, what stands in for them must still be a prefix.
    parents = np.minimum(first_prefixes[:, np.newaxis] + best // width, len(sources) - 1)
    scores = lines[np.arange(len(lines))[:, np.newaxis], best]
    return Extensions(sources[first_prefixes], parents, best % width, scores)


def best_columns(scores: Float64[ndarray, "S C"], num_best: int) -> Int64[ndarray, "S D"]:
    """Return the columns of each line's highest scores, highest first, equal ones in order of column."""
    lines = np.arange(len(scores))[:, np.newaxis]
    if num_best < scores.shape[1]:
        columns = np.sort(np.argpartition(-scores, num_best - 1, axis=1)[:, :num_best], axis=1)
    else:
        columns = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.argsort(-scores[lines, columns], axis=1, kind="stable")
    best: Int64[ndarray, "S D"] = columns[lines, order]
    return best
