"""Where two implementations of one model differ most."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

TOLERANCE = 1e-5
"""The largest difference that an export passes with."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference of one output at one point of the grid.

    Attributes:
        graph: "encoder" or "decoder_step".
        output: The output's name in that graph.
        batch: Sentences, or decoder rows, at that point.
        length: Tokens of the longest sentence at that point.
        value: As `largest_difference` measures it; infinite where either is not a number or the shapes differ.
    """

    graph: str
    output: str
    batch: int
    length: int
    value: float

    def __str__(self) -> str:
        return (
            f"graph {self.graph}, output {self.output}: differs by {self.value:.2e}"
            f" at batch {self.batch}, length {self.length}"
        )


def largest_difference(expected: Tensor, found: NDArray[np.generic]) -> float:
    """Return the largest max |expected − found| / max(1, max |expected|) of a row.

    Absolute for latents, embeddings and hidden states, which stay below 1. Relative to the row's largest value for
    cells and log probabilities: what a float32 sum of terms of size 40 loses is 40 times what one of terms of size 1
    does, in either runtime. Infinite if anything is not a number or the shapes differ.
    """
    return float(row_differences(expected, found).max())


def row_differences(expected: Tensor, found: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return that of each row, all infinite where it is infinite."""
    reference = expected.numpy()
    if reference.shape != found.shape or not (np.isfinite(reference).all() and np.isfinite(found).all()):
        return np.full(reference.shape[:-1], math.inf)
    errors = np.abs(reference - found).max(axis=-1) / np.maximum(1.0, np.abs(reference).max(axis=-1))
    return np.asarray(errors, np.float64)


def largest_probability_difference(log_probs: Tensor, found: NDArray[np.float32]) -> float:
    """Return max |exp expected − exp found|: what the difference means for the choice of a word."""
    return largest_difference(log_probs.exp(), np.exp(found))
