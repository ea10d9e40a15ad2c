"""Cosines of rows of vectors."""

import numpy as np
from jaxtyping import Float64, Num
from numpy import ndarray

EQUAL = 1e-6
"""Cosines that differ by no more are equal: single precision, and what shares a batch, move them so far."""


def unit_rows(vectors: Num[ndarray, "*B D"]) -> Float64[ndarray, "*B D"]:
    """Return vectors scaled to length 1; those without a direction stay zero, and are like nothing."""
    whole = vectors.astype(np.float64)
    rows: Float64[ndarray, "*B D"] = whole / np.maximum(np.linalg.norm(whole, axis=-1, keepdims=True), 1e-12)
    return rows


def row_cosines(first: Num[ndarray, "*B D"], second: Num[ndarray, "*B D"]) -> Float64[ndarray, "*B"]:
    """Return the cosine of each row of the one with that row of the other."""
    cosines: Float64[ndarray, "*B"] = np.einsum("...d,...d->...", unit_rows(first), unit_rows(second))
    return cosines
