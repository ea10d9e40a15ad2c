"""Cutting work into batches that fit a budget."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.text import PAD_ID

MAX_PADDING = 1.15
"""Tokens of a batch, padding included, for each token."""
FEWEST_ROWS = 8
"""A call has a price of its own: padding is let pass in batches smaller than this."""


def batches_by_length(
    lengths: Sequence[int], max_tokens: int, max_padding: float = math.inf, fewest_rows: int = FEWEST_ROWS
) -> list[list[int]]:
    """Return the sentences' indices in batches of ascending length.

    A batch's cost is its padded size, longest sentence × number of sentences, at most `max_tokens`; a
    sentence longer than that goes alone. A batch of `fewest_rows` or more ends before its cost is more than
    `max_padding` times its tokens.
    """
    batches: list[list[int]] = []
    num_tokens = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Ascending: the newcomer is the longest, so its length is what the whole batch is padded to.
        length = lengths[index]
        num_rows = len(batches[-1]) + 1 if batches else 0
        cost = length * num_rows
        wasteful = num_rows > fewest_rows and cost > max_padding * (num_tokens + length)
        if batches and cost <= max_tokens and not wasteful:
            batches[-1].append(index)
            num_tokens += length
        else:
            batches.append([index])
            num_tokens = length
    return batches


def cut_by_cost(costs: Sequence[int], max_cost: int) -> list[slice]:
    """Return consecutive parts, in order, of at most `max_cost` each; what costs more than that goes alone."""
    parts: list[slice] = []
    spent = 0
    for index, cost in enumerate(costs):
        if parts and spent + cost <= max_cost:
            parts[-1] = slice(parts[-1].start, index + 1)
            spent += cost
        else:
            parts.append(slice(index, index + 1))
            spent = cost
    return parts


def cheapest_first(costs: Sequence[int]) -> list[int]:
    """Return the indices in ascending order of cost, equal ones as they are."""
    return sorted(range(len(costs)), key=costs.__getitem__)


def pad(sentences: Sequence[Sequence[int]]) -> tuple[Int64[ndarray, "B T"], Int64[ndarray, " B"]]:
    """Return the sentences as one array, padded at the end, with their lengths."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    token_ids = np.full((len(sentences), int(lengths.max())), PAD_ID, dtype=np.int64)
    for row, sentence in zip(token_ids, sentences, strict=True):
        row[: len(sentence)] = sentence
    return token_ids, lengths
