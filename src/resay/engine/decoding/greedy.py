"""Greedy decoding: the most probable word at every step, one hypothesis for each source."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Picks, Prefixes


class GreedySearch:
    """Follows one prefix for each source.

    Args:
        settings: Not looked at: greedy decoding has no choices.
        requests: Not looked at.
    """

    quotas = (1,)
    num_candidates = 1

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        pass

    def choose(
        self, prefixes: Prefixes, candidate_ids: Int64[ndarray, "P K"], scores: Float64[ndarray, "P K"]
    ) -> Picks:
        """Pick the best candidate of each prefix."""
        columns = scores.argmax(axis=1)
        best = scores[np.arange(len(prefixes)), columns]
        parents = np.flatnonzero(np.isfinite(best))
        return Picks(parents, columns[parents], prefixes.scores[parents] + best[parents])
