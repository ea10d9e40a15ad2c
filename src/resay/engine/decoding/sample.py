"""Sampling: each hypothesis drawn word by word from the decoder's own probabilities."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Picks, Prefixes

COLDEST = 1e-6
"""Temperatures below this take the best word too: a difference of 10⁻⁴ nats is 100 of the divided scores."""

NUM_SEEDS = 2**64
"""Seeds are taken modulo this: numpy's must not be negative."""


class SampleSearch:
    """Draws `num_hypotheses` independent samples for each source.

    A word is drawn with probability ∝ exp(score / temperature), among the `top_k` best words and, of these, the
    fewest best ones whose probabilities make up `top_p`. One uniform number for each sample and step decides,
    by inverse transform; it comes from the request's seed alone, and is the same however many tokens are
    allowed.

    Args:
        settings: `num_hypotheses`, `temperature`, `top_k` and `top_p` are read.
        requests: One for each source, with its seed.
    """

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        self.quotas = (1,) * settings.num_hypotheses
        self.num_candidates = settings.top_k
        self.temperature = max(settings.temperature, COLDEST)
        self.top_k = settings.top_k
        self.top_p = settings.top_p
        longest = max(1, *(request.max_new_tokens for request in requests))
        shape = (longest, settings.num_hypotheses)
        self.uniforms: Float64[ndarray, "S T N"] = np.stack(
            [np.random.default_rng(request.seed % NUM_SEEDS).random(shape) for request in requests]
        )

    def choose(
        self, prefixes: Prefixes, candidate_ids: Int64[ndarray, "P K"], scores: Float64[ndarray, "P K"]
    ) -> Picks:
        """Draw a word for each prefix."""
        # Penalties may have changed the order; where they have not, a stable sort finds it in one pass.
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self.top_k]
        parents = np.flatnonzero(np.isfinite(scores[np.arange(len(prefixes)), order[:, 0]]))
        order = order[parents]
        weights = scores[parents[:, np.newaxis], order]
        weights = np.exp((weights - weights[:, :1]) / self.temperature)
        uniforms = self.uniforms[prefixes.sources[parents], prefixes.num_words, prefixes.lanes[parents]]
        columns = order[np.arange(len(parents)), draw(weights, self.top_p, uniforms)]
        return Picks(parents, columns, prefixes.scores[parents] + scores[parents, columns])


def draw(weights: Float64[ndarray, "P K"], top_p: float, uniforms: Float64[ndarray, " P"]) -> Int64[ndarray, " P"]:
    """Return the place of one weight of each line, drawn in proportion to it; weights descend.

    Drawn from are the first weights up to the one with which their sum reaches `top_p` of the whole.
    """
    sums = np.cumsum(weights, axis=1)
    below = sums < top_p * sums[:, -1:]
    last = np.minimum(below.sum(axis=1), weights.shape[1] - 1)
    aims = uniforms * sums[np.arange(len(sums)), last]
    # Rounding may put the aim on the very end of the last interval.
    places: Int64[ndarray, " P"] = np.minimum((sums <= aims[:, np.newaxis]).sum(axis=1), last)
    return places
