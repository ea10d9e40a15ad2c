"""The binary latent of Baynazarov & Piontkovskaya (2019): true bits, and a gradient that goes straight through them."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.bernoulli import bernoulli_kl, round_to_bits
from resay.models.bottlenecks.latent import Latent, Noise


def straight_through(probabilities: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
    """Return bits drawn with these probabilities, whose gradient is taken for that of the probabilities.

    z = step(p − ξ) + (p − stop_gradient(p)), hence ∂L/∂p := ∂L/∂z (section 3.1).
    """
    bits = (probabilities > noise).to(probabilities.dtype)
    return bits + (probabilities - probabilities.detach())


class BinaryBottleneck(nn.Module):
    """p = sigmoid(W f + b), and z ~ Bernoulli(p).

    Args:
        feature_size: F.
        latent_size: Z.
        with_kl: Whether the penalty is the divergence from fair coins, rather than zero.
    """

    noise: ClassVar[Noise] = "uniform"
    binary: ClassVar[bool] = True
    reads_sentence: ClassVar[bool] = True

    def __init__(self, feature_size: int, latent_size: int, *, with_kl: bool = False) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.with_kl = with_kl
        self.to_logits = nn.Linear(feature_size, latent_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return drawn bits, and how far the coins are from fair ones."""
        logits = self.to_logits(features).float()
        penalty = bernoulli_kl(logits) if self.with_kl else logits.new_zeros(len(logits))
        return Latent(straight_through(logits.sigmoid(), noise), penalty)

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the rounded bits, which are what the decoder gets; probabilities (the mean), logits, a sample."""
        logits = self.to_logits(features)
        probabilities = logits.sigmoid()
        bits = round_to_bits(logits)
        return {
            "latent": bits,
            "mean": probabilities,
            "sample": self(features, noise).value,
            "bits": bits,
            "probabilities": probabilities,
            "logits": logits,
        }
