"""The loop that all searches share: the rows of every source advance together, one graph call a step."""

import time
from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from resay.engine.batching import cut_by_cost
from resay.engine.decoding.group import Group
from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings, Hypothesis
from resay.engine.decoding.step import DecoderState, State, Step

MAX_ROWS = 1024
"""Rows of one graph call: each needs V floats of logits there, 40 MB at this many rows and 10,000 words."""


def decode(step: Step, requests: Sequence[DecodingRequest], *, max_rows: int = MAX_ROWS) -> list[list[Hypothesis]]:
    """Return the hypotheses of each request, best first; they do not depend on the other requests.

    They are distinct, and at most as many as were asked for. There are fewer, or none, where the model finds
    no more that the rules allow: a hypothesis that no candidate can go on from is dropped.

    Args:
        step: Computes one step for any number of rows.
        requests: What to decode; searches and settings may differ.
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
            for index, hypotheses in zip(indices, group.results(), strict=True):
                results[index] = hypotheses
    return results


def turns(requests: Sequence[DecodingRequest], max_rows: int) -> list[list[int]]:
    """Return the requests' indices in sets of at most `max_rows` rows; one request with more goes alone."""
    order = sorted(range(len(requests)), key=lambda index: requests[index].max_new_tokens)
    num_rows = [requests[index].settings.num_hypotheses for index in order]
    return [order[part] for part in cut_by_cost(num_rows, max_rows)]


def run_groups(step: Step, groups: Sequence[Group]) -> None:
    """Advance all groups together until no source has a row left; at least one step is always taken."""
    active = list(groups)
    zeros = np.zeros((sum(group.num_rows for group in active), step.hidden_size), dtype=np.float32)
    state: State = DecoderState(zeros, zeros)
    while active:
        num_candidates = max(group.num_candidates for group in active)
        output = step.run(
            joined([group.token_ids for group in active]),
            joined([group.latents[group.sources] for group in active]),
            state,
            min(num_candidates, step.vocab_size),
        )
        now = time.monotonic()
        parents = []
        first = 0
        for group in active:
            last = first + group.num_rows
            group.advance(output.candidate_ids[first:last], output.log_probs[first:last], now)
            parents.append(group.parents + first)
            first = last
        # Rows that nothing continues are gone from here on: the next call is that much smaller.
        state = output.state.taken(joined(parents))
        active = [group for group in active if group.num_rows]


def joined(arrays: Sequence[ndarray]) -> ndarray:
    """Return the arrays one after another; a single one as it is, not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
