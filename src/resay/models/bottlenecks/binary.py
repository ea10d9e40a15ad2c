"""The binary latent of Baynazarov & Piontkovskaya (2019): true bits, and a gradient that goes straight through them."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from resay.models.bottlenecks.bernoulli import CoinBottleneck


def straight_through(probabilities: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
    """Return bits drawn with these probabilities, whose gradient is taken for that of the probabilities.

    z = step(p − ξ) + (p − stop_gradient(p)), hence ∂L/∂p := ∂L/∂z (section 3.1).
    """
    bits = (probabilities > noise).to(probabilities.dtype)
    return bits + (probabilities - probabilities.detach())


class BinaryBottleneck(CoinBottleneck):
    """z ~ Bernoulli(p). The decoder has seen bits alone, and gets the rounded ones."""

    binary: ClassVar[bool] = True
    decoded: ClassVar[str] = "bits"

    def draw(self, logits: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
        """Return zeros and ones."""
        return straight_through(logits.sigmoid(), noise)
