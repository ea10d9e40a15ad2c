"""No bottleneck: the encoder's last state is the latent."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.latent import Latent, Noise


class IdentityBottleneck(nn.Module):
    """Pass the features through; Z = F, and the penalty is zero."""

    noise: ClassVar[Noise] = "none"
    binary: ClassVar[bool] = False
    reads_sentence: ClassVar[bool] = True

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__()
        self.latent_size = feature_size

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return the features themselves as the latent."""
        return Latent(features, features.new_zeros(len(features)))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the latent."""
        return {"latent": features}
