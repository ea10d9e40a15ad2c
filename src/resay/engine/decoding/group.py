"""Requests that share their settings, under one search."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings, Hypothesis, Stop
from resay.engine.decoding.ledger import Ledger
from resay.engine.decoding.rules import SPARE_CANDIDATES, make_rules
from resay.engine.decoding.search import IMPOSSIBLE, Picks, Prefixes
from resay.engine.decoding.searches import SEARCHES
from resay.text import BOS_ID, EOS_ID


class Group:
    """The prefixes of several sources, and the rows of the step graph that they need.

    Attributes:
        prefixes: What is not finished yet.
        parents: For each row of the next step, which row of the last step it continues, counted within the
            group. Prefixes of a source that have come to say the same, in different lanes, share a row.
        token_ids: What each row is fed.
        sources: Which source each row belongs to, ascending.
    """

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        self.search = SEARCHES[settings.search](settings, requests)
        self.rules = make_rules(settings, requests)
        self.num_candidates = self.search.num_candidates + SPARE_CANDIDATES
        self.latents: Float32[ndarray, "S Z"] = np.stack([request.latent for request in requests])
        self.limits = np.array([request.max_new_tokens for request in requests], dtype=np.int64)
        self.shortest_limit = int(self.limits.min())
        self.deadlines = np.array([request.deadline for request in requests])
        self.first_deadline = float(self.deadlines.min())
        self.ledger = Ledger(len(requests), self.search.quotas)
        self.prefixes = empty_prefixes(len(requests), len(self.search.quotas))
        self.parents: Int64[ndarray, " R"] = np.arange(len(requests))
        self.token_ids: Int64[ndarray, " R"] = np.full(len(requests), BOS_ID, dtype=np.int64)
        self.sources: Int64[ndarray, " R"] = np.arange(len(requests))

    @property
    def num_rows(self) -> int:
        """Return R, the rows of the next step; 0 once all is found."""
        return len(self.token_ids)

    def advance(self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"], now: float) -> None:
        """Extend the prefixes by one step's candidates; end what is whole, too long or too late.

        Args:
            candidate_ids: Most probable next words of each row, best first.
            log_probs: Their log-probabilities.
            now: The time, as deadlines are given.
        """
        before = self.prefixes
        ids = candidate_ids[before.rows, : self.num_candidates]
        own = log_probs[before.rows, : self.num_candidates].astype(np.float64)
        scores = np.where(own > IMPOSSIBLE, own, -np.inf)
        for rule in self.rules:
            rule(before, ids, scores)
        picks = self.search.choose(before, ids, scores)
        self.prefixes = extended(before, picks, ids, own)
        self._end(self.prefixes.words[:, -1] == EOS_ID, "end")
        if self.prefixes.num_words >= self.shortest_limit:
            self._end((self.limits <= self.prefixes.num_words)[self.prefixes.sources], "length")
        if self.first_deadline <= now:
            self._end((self.deadlines <= now)[self.prefixes.sources], "deadline")
        self._find_rows()

    def results(self) -> list[list[Hypothesis]]:
        """Return the hypotheses of each source, best first."""
        return self.ledger.results()

    def _end(self, ending: Bool[ndarray, " P"], stop: Stop) -> None:
        """Make hypotheses of some prefixes."""
        if ending.any():
            self.ledger.record(self.prefixes.take(ending), stop)
            self.prefixes = self.prefixes.take(~ending)

    def _find_rows(self) -> None:
        """Give each prefix its row: one for every different word after the same row."""
        words, before = self.prefixes.words[:, -1], self.prefixes.rows
        if len(self.search.quotas) == 1:  # what one lane says is all different
            first = rows = np.arange(len(words))
        else:
            largest = int(words.max(initial=0)) + 1
            _, first, rows = np.unique(before * largest + words, return_index=True, return_inverse=True)
        self.parents, self.token_ids, self.sources = before[first], words[first], self.prefixes.sources[first]
        self.prefixes = replace(self.prefixes, rows=rows)


def empty_prefixes(num_sources: int, num_lanes: int) -> Prefixes:
    """Return the empty prefix of each lane; those of a source share its first row."""
    sources = np.repeat(np.arange(num_sources), num_lanes)
    lanes = np.tile(np.arange(num_lanes), num_sources)
    words = np.zeros((len(sources), 0), dtype=np.int64)
    sums: Float64[ndarray, "2 P"] = np.zeros((2, len(sources)))
    return Prefixes(sources, lanes, sources, words, sums[0], sums[1])


def extended(
    prefixes: Prefixes, picks: Picks, candidate_ids: Int64[ndarray, "P K"], log_probs: Float64[ndarray, "P K"]
) -> Prefixes:
    """Return the picked prefixes, each with its candidate as one more word."""
    parents, words = picks.parents, candidate_ids[picks.parents, picks.columns]
    return Prefixes(
        prefixes.sources[parents],
        prefixes.lanes[parents],
        prefixes.rows[parents],
        np.concatenate([prefixes.words[parents], words[:, np.newaxis]], axis=1),
        prefixes.log_probs[parents] + log_probs[parents, picks.columns],
        picks.scores,
    )
