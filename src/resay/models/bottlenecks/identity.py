"""No bottleneck: the encoder's last state is the latent."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from resay.models.bottlenecks.latent import Bottleneck, Latent


class IdentityBottleneck(Bottleneck):
    """Pass the features through; Z = F, and the penalty is zero."""

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__(feature_size)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return the features themselves as the latent."""
        return Latent(features, features.new_zeros(len(features)))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the latent."""
        return {"latent": features}
