"""Cutting work into batches that fit a budget."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.text import PAD_ID


def batches_by_length(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Return the sentences' indices in batches of ascending length.

    A batch's cost is its padded size, longest sentence × number of sentences, at most `max_tokens`; a
    sentence longer than that goes alone.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Ascending: the newcomer is the longest, so its length is what the whole batch is padded to.
        if batches and lengths[index] * (len(batches[-1]) + 1) <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
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
