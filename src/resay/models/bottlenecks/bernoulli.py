"""What the two latents of independent coins share: logits, probabilities and the divergence from fair coins."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from resay.models.bottlenecks.latent import Bottleneck, Latent, Noise

LOG_2 = 0.6931471805599453


def bernoulli_kl(logits: Float[Tensor, "B Z"]) -> Float[Tensor, " B"]:
    """Return KL[Bernoulli(p) ‖ Bernoulli(½)] = Σ_i p_i log p_i + (1 − p_i) log(1 − p_i) + log 2, in nats.

    Baynazarov & Piontkovskaya (2019, 2.2) print −½ in the place of log 2, which changes no gradient. Written with
    logits, p = sigmoid(l), so that it stays finite where p is 0 or 1: log 2 + l p − softplus(l).
    """
    return (LOG_2 + logits * logits.sigmoid() - F.softplus(logits)).sum(dim=1)


def round_to_bits(logits: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
    """Return step(p − ½), zeros and ones."""
    return (logits > 0).to(logits.dtype)


class CoinBottleneck(Bottleneck):
    """p = sigmoid(l) with l = W f + b, and a latent drawn from the coins in one way or another.

    Attributes:
        decoded: The reading that the decoder gets at inference.

    Args:
        feature_size: F.
        latent_size: Z.
        with_kl: Whether the penalty is the divergence from fair coins, rather than zero.
    """

    noise: ClassVar[Noise] = "uniform"
    decoded: ClassVar[str]

    def __init__(self, feature_size: int, latent_size: int, *, with_kl: bool = False) -> None:
        super().__init__(latent_size, with_kl=with_kl)
        self.to_logits = nn.Linear(feature_size, latent_size)

    def draw(self, logits: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
        """Return a latent drawn with uniform noise."""
        raise NotImplementedError

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return a drawn latent, and how far the coins are from fair ones."""
        logits = self.to_logits(features).float()
        penalty = bernoulli_kl(logits) if self.with_kl else logits.new_zeros(len(logits))
        return Latent(self.draw(logits, noise), penalty)

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return logits, probabilities, also as the mean, rounded bits, a sample; one of them is the latent."""
        logits = self.to_logits(features)
        probabilities = logits.sigmoid()
        found = {
            "mean": probabilities,
            "sample": self.draw(logits, noise),
            "bits": round_to_bits(logits),
            "probabilities": probabilities,
            "logits": logits,
        }
        return {"latent": found[self.decoded], **found}
