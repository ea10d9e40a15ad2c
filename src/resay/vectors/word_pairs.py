"""Pairs of word ids."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Int64


def as_pairs(pairs: Iterable[tuple[int, int]]) -> Int64[np.ndarray, "P 2"]:
    """Return pairs as an array, each once, the lower id first, in order; a word paired with itself is no pair."""
    unordered = {(min(first, second), max(first, second)) for first, second in pairs if first != second}
    return np.array(sorted(unordered), dtype=np.int64).reshape(-1, 2)
