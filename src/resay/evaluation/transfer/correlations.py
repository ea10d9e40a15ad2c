"""How closely one row of numbers follows another."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray


def pearson(first: Float64[ndarray, " N"], second: Float64[ndarray, " N"]) -> float:
    """Return Pearson's correlation; 0 where one side does not vary, as SentEval has it."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def spearman(first: Float64[ndarray, " N"], second: Float64[ndarray, " N"]) -> float:
    """Return Spearman's correlation, that of the ranks; equal numbers share the mean of their ranks."""
    return pearson(_ranks(first), _ranks(second))


def _ranks(values: Float64[ndarray, " N"]) -> Float64[ndarray, " N"]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: ndarray = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks
