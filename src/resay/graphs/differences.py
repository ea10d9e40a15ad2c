"""Where two implementations of one model differ most."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference of one output at one point of the grid.

    Attributes:
        graph: "encoder" or "decoder_step".
        output: The output's name in that graph.
        batch: Sentences, or decoder rows, at that point.
        length: Tokens of the longest sentence at that point.
        value: max |torch − ONNX| / max(1, |torch|): absolute for latents, embeddings and states, which are below 1,
            and relative for log probabilities far below 0, whose own float32 steps come near 1e-5. Infinite where
            either is not a number or the shapes differ.
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
    """Return max |expected − found| / max(1, |expected|); infinite if it is not a number or the shapes differ."""
    reference = expected.numpy()
    if reference.shape != found.shape:
        return math.inf
    with np.errstate(invalid="ignore"):  # ∞ − ∞ is a failure that is reported, not a warning
        value = float((np.abs(reference - found) / np.maximum(1.0, np.abs(reference))).max())
    return math.inf if math.isnan(value) else value
