"""The Gaussian of the variational autoencoder (Kingma & Welling 2014; on sentences, Bowman et al. 2016)."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.latent import Bottleneck, Latent, Noise


def gaussian_kl(mean: Float[Tensor, "B Z"], log_variance: Float[Tensor, "B Z"]) -> Float[Tensor, " B"]:
    """Return KL[N(μ, σ²) ‖ N(0, 1)] = Σ_i (μ_i² + σ_i²) / 2 − log σ_i − ½, in nats."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(dim=1)


def draw(
    mean: Float[Tensor, "B Z"], log_variance: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]
) -> Float[Tensor, "B Z"]:
    """Return μ + σ ξ."""
    return mean + torch.exp(0.5 * log_variance) * noise


class GaussianBottleneck(Bottleneck):
    """z = μ(f) + σ(f) ξ with ξ ~ N(0, 1); the penalty is the divergence from N(0, 1)."""

    noise: ClassVar[Noise] = "normal"

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__(latent_size, with_kl=True)
        self.to_mean = nn.Linear(feature_size, latent_size)
        self.to_log_variance = nn.Linear(feature_size, latent_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return a sample, and how far its distribution is from the prior."""
        mean, log_variance = self.to_mean(features).float(), self.to_log_variance(features).float()
        return Latent(draw(mean, log_variance, noise), gaussian_kl(mean, log_variance))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the mean, which is what the decoder gets, and a sample."""
        mean = self.to_mean(features)
        return {"latent": mean, "mean": mean, "sample": draw(mean, self.to_log_variance(features), noise)}
