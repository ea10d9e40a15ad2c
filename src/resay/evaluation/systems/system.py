"""What is evaluated: anything that turns sentences into vectors."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from jaxtyping import Float32
from numpy import ndarray


@runtime_checkable
class System(Protocol):
    """A source of sentence vectors: one reading of a trained model, or a baseline."""

    @property
    def name(self) -> str:
        """Return the name that it has in tables."""

    @property
    def sha256(self) -> str:
        """Return 64 hex digits over all that its vectors depend on."""

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text, in their order; any string will do, the empty one too."""
