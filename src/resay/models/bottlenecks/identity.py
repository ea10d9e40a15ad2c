"""No bottleneck: the encoder's last state is the latent."""

from jaxtyping import Float
from torch import Tensor, nn

from resay.models.bottlenecks.latent import Latent


class IdentityBottleneck(nn.Module):
    """Pass the features through; Z = H and the penalty is zero."""

    def __init__(self, feature_size: int) -> None:
        super().__init__()
        self.latent_size = feature_size

    def forward(self, features: Float[Tensor, "B H"]) -> Latent:
        """Return the features themselves as the latent."""
        return Latent(features, features.new_zeros(features.shape[0]))
