"""Greedy decoding: the most probable token at every step, one hypothesis for each source."""

import numpy as np
from jaxtyping import Bool, Float32, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingSettings, Hypothesis, Stop
from resay.engine.decoding.search import Rows
from resay.text import BOS_ID, EOS_ID


class GreedySearch:
    """Follows one row for each source.

    Args:
        settings: Not looked at: greedy decoding has no choices.
        max_new_tokens: Most tokens of each source's hypothesis, the end mark included.
    """

    num_candidates = 1

    def __init__(self, settings: DecodingSettings, max_new_tokens: Int64[ndarray, " S"]) -> None:
        num_sources = len(max_new_tokens)
        self.max_new_tokens = max_new_tokens
        self.num_steps = 0
        self.token_ids = np.zeros((num_sources, int(max_new_tokens.max(initial=0))), dtype=np.int64)
        self.log_probs = np.zeros(num_sources, dtype=np.float64)
        self.hypotheses: list[list[Hypothesis]] = [[] for _ in range(num_sources)]
        self.rows = Rows(*(np.zeros(num_sources, dtype=np.int64) for _ in range(3)))

    def start(self) -> Rows:
        """Return one row for each source."""
        sources = np.arange(len(self.max_new_tokens))
        self.rows = Rows(sources, np.full(len(sources), BOS_ID, dtype=np.int64), sources)
        return self.rows

    def advance(self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"]) -> Rows:
        """Append the best token to each row; drop rows that end or are full."""
        sources, chosen = self.rows.sources, candidate_ids[:, 0]
        self.token_ids[sources, self.num_steps] = chosen
        self.log_probs[sources] += log_probs[:, 0]
        self.num_steps += 1
        ended = chosen == EOS_ID
        full = ~ended & (self.max_new_tokens[sources] <= self.num_steps)
        self._close(sources[ended], "end")
        self._close(sources[full], "length")
        parents = np.flatnonzero(~ended & ~full)
        self.rows = Rows(parents, chosen[parents], sources[parents])
        return self.rows

    def cut(self, expired: Bool[ndarray, " S"], stop: Stop) -> Rows:
        """End these sources with the words that they have."""
        rows = self.rows
        is_cut = expired[rows.sources]
        self._close(rows.sources[is_cut], stop)
        self.rows = Rows(rows.parents[~is_cut], rows.token_ids[~is_cut], rows.sources[~is_cut])
        return self.rows

    def results(self) -> list[list[Hypothesis]]:
        """Return the one hypothesis of each source."""
        return self.hypotheses

    def _close(self, sources: Int64[ndarray, " C"], stop: Stop) -> None:
        """Record what these sources have as their hypothesis."""
        num_words = self.num_steps - (stop == "end")
        for source in sources.tolist():
            words = tuple(self.token_ids[source, :num_words].tolist())
            mean = float(self.log_probs[source]) / self.num_steps
            self.hypotheses[source].append(Hypothesis(words, mean, stop))
