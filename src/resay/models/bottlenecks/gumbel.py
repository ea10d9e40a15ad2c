"""Coins made soft by Gumbel noise (Jang et al. 2017): between 0 and 1, and differentiable."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.bernoulli import bernoulli_kl, round_to_bits
from resay.models.bottlenecks.latent import Latent, Noise

CLOSEST_TO_CERTAIN = 1e-6
"""Uniform noise is kept so far away from 0 and 1, where its logit is infinite."""


class GumbelBottleneck(nn.Module):
    """z = softmax(logits + g) of two classes, of which the first is kept, at temperature 1.

    With two classes, g − g' of two Gumbel variables is logistic, so that z = sigmoid(l + log ξ − log(1 − ξ)) with
    ξ ~ U(0, 1) and l = W f + b.

    Args:
        feature_size: F.
        latent_size: Z.
        with_kl: Whether the penalty is the divergence from fair coins, rather than zero.
    """

    noise: ClassVar[Noise] = "uniform"
    binary: ClassVar[bool] = False
    reads_sentence: ClassVar[bool] = True

    def __init__(self, feature_size: int, latent_size: int, *, with_kl: bool = False) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.with_kl = with_kl
        self.to_logits = nn.Linear(feature_size, latent_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return soft bits, and how far the coins are from fair ones."""
        logits = self.to_logits(features).float()
        penalty = bernoulli_kl(logits) if self.with_kl else logits.new_zeros(len(logits))
        logistic = torch.logit(noise, eps=CLOSEST_TO_CERTAIN)
        return Latent(torch.sigmoid(logits + logistic), penalty)

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the probabilities, which are what the decoder gets, also as mean; logits, rounded bits, a sample."""
        logits = self.to_logits(features)
        probabilities = logits.sigmoid()
        return {
            "latent": probabilities,
            "mean": probabilities,
            "sample": self(features, noise).value,
            "bits": round_to_bits(logits),
            "probabilities": probabilities,
            "logits": logits,
        }
