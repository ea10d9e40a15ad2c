"""A narrow linear layer: the plain autoencoder that Baynazarov & Piontkovskaya (2019) call "Bottleneck"."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.latent import Bottleneck, Latent


class LinearBottleneck(Bottleneck):
    """z = W f + b; the penalty is zero."""

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__(latent_size)
        self.to_latent = nn.Linear(feature_size, latent_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return the latent."""
        latent = self.to_latent(features)
        return Latent(latent, latent.new_zeros(len(latent)))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the latent."""
        return {"latent": self.to_latent(features)}
