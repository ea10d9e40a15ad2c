"""Rows of ids to vectors, in batches of like lengths."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.batching import batches_by_length, pad

MAX_TOKENS = 4096
"""Of a batch, padding counted: large enough for the matrix products, small enough for a core's cache."""

Read = Callable[[Int64[ndarray, "B T"], Int64[ndarray, " B"]], Float32[ndarray, "B D"]]
"""Ids, padded at the end, and how many are real, to vectors."""


def embed_rows(rows: Sequence[Sequence[int]], size: int, read: Read) -> Float32[ndarray, "N D"]:
    """Return a vector for each row of ids, in their order; one without an id gets the zero vector.

    Args:
        rows: Ids of each text.
        size: D.
        read: Gives the vectors of a batch.
    """
    vectors = np.zeros((len(rows), size), np.float32)
    places = [place for place, row in enumerate(rows) if row]
    for batch in batches_by_length([len(rows[place]) for place in places], MAX_TOKENS):
        chosen = [places[number] for number in batch]
        vectors[chosen] = read(*pad([rows[place] for place in chosen]))
    return vectors
