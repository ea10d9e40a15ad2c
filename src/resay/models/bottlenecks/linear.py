"""A narrow linear layer: the plain autoencoder that Baynazarov & Piontkovskaya (2019) call "Bottleneck"."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.latent import Latent, Noise


class LinearBottleneck(nn.Module):
    """z = W f + b; the penalty is zero."""

    noise: ClassVar[Noise] = "none"
    binary: ClassVar[bool] = False
    reads_sentence: ClassVar[bool] = True

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.to_latent = nn.Linear(feature_size, latent_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return the latent."""
        latent = self.to_latent(features)
        return Latent(latent, latent.new_zeros(len(latent)))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the latent."""
        return {"latent": self.to_latent(features)}
