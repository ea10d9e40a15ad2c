"""The loop that all strategies share: the rows of every source advance together, one graph call a step."""

import time
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.batching import cut_by_cost
from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings, Hypothesis
from resay.engine.decoding.search import Rows, Search
from resay.engine.decoding.step import DecoderState, Step
from resay.engine.decoding.strategies import STRATEGIES

MAX_ROWS = 1024
"""Rows of one graph call: each needs V floats of logits there, 40 MB at this many rows and 10,000 words."""


def decode(step: Step, requests: Sequence[DecodingRequest], *, max_rows: int = MAX_ROWS) -> list[list[Hypothesis]]:
    """Return the hypotheses of each request, best first; they do not depend on the other requests.

    Args:
        step: Computes one step for any number of rows.
        requests: What to decode; strategies and settings may differ.
        max_rows: Rows of one call; requests beyond that wait for the next turn, those of like length
            together.
    """
    results: list[list[Hypothesis]] = [[] for _ in requests]
    for turn in turns(requests, max_rows):
        by_settings: dict[DecodingSettings, list[int]] = {}
        for index in turn:
            by_settings.setdefault(requests[index].settings, []).append(index)
        groups = [Group(settings, [requests[index] for index in indices]) for settings, indices in by_settings.items()]
        run_groups(step, groups)
        for group, indices in zip(groups, by_settings.values(), strict=True):
            for index, hypotheses in zip(indices, group.search.results(), strict=True):
                results[index] = hypotheses
    return results


def turns(requests: Sequence[DecodingRequest], max_rows: int) -> list[list[int]]:
    """Return the requests' indices in sets of at most `max_rows` rows; one request with more goes alone."""
    order = sorted(range(len(requests)), key=lambda index: requests[index].max_new_tokens)
    num_rows = [requests[index].settings.num_beams for index in order]
    return [order[part] for part in cut_by_cost(num_rows, max_rows)]


class Group:
    """The requests of one turn that share their settings, under one search.

    Attributes:
        search: Decides which rows go on.
        rows: The rows of the next step.
        latents: The latent of each source.
        deadlines: When each source must stop, in seconds of `time.monotonic`.
    """

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        limits = np.array([request.max_new_tokens for request in requests], dtype=np.int64)
        self.search: Search = STRATEGIES[settings.strategy](settings, limits)
        self.rows: Rows = self.search.start()
        self.latents: Float32[ndarray, "S Z"] = np.stack([request.latent for request in requests])
        self.deadlines = np.array([request.deadline for request in requests])
        self.has_deadline = bool(np.isfinite(self.deadlines).any())

    def advance(self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"]) -> None:
        """Let the search choose among one step's candidates, then end the sources whose time is up."""
        width = self.search.num_candidates
        self.rows = self.search.advance(candidate_ids[:, :width], log_probs[:, :width])
        if self.has_deadline:
            expired = self.deadlines <= time.monotonic()
            if expired.any():
                self.rows = self.search.cut(expired, "deadline")


def run_groups(step: Step, groups: Sequence[Group]) -> None:
    """Advance all groups together until no source has a row left; at least one step is always taken."""
    active = [group for group in groups if len(group.rows)]
    zeros = np.zeros((sum(len(group.rows) for group in active), step.hidden_size), dtype=np.float32)
    state = DecoderState(zeros, zeros)
    while active:
        num_candidates = max(group.search.num_candidates for group in active)
        output = step.run(
            np.concatenate([group.rows.token_ids for group in active]),
            np.concatenate([group.latents[group.rows.sources] for group in active]),
            state,
            min(num_candidates, step.vocab_size),
        )
        parents: list[Int64[ndarray, " R"]] = []
        first = 0
        for group in active:
            last = first + len(group.rows)
            group.advance(output.candidate_ids[first:last], output.log_probs[first:last])
            parents.append(group.rows.parents + first)
            first = last
        # Rows that nothing continues are gone from here on: the next call is that much smaller.
        kept = np.concatenate(parents)
        state = DecoderState(output.state.hidden[kept], output.state.cell[kept])
        active = [group for group in active if len(group.rows)]
