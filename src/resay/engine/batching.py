"""Cutting sentences into batches of like lengths that fit a budget."""

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


def pad(sentences: Sequence[Sequence[int]]) -> tuple[Int64[ndarray, "B T"], Int64[ndarray, " B"]]:
    """Return the sentences as one array, padded at the end, with their lengths."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    token_ids = np.full((len(sentences), int(lengths.max())), PAD_ID, dtype=np.int64)
    for row, sentence in zip(token_ids, sentences, strict=True):
        row[: len(sentence)] = sentence
    return token_ids, lengths
