"""No input at all: the decoder becomes a plain language model, the floor that every other latent has to beat."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from resay.models.bottlenecks.latent import Bottleneck, Latent


class LanguageModelBottleneck(Bottleneck):
    """z = 0, one component, whatever the sentence; the penalty is zero."""

    reads_sentence: ClassVar[bool] = False

    def __init__(self, feature_size: int, latent_size: int) -> None:
        super().__init__(1)

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return nothing worth reading."""
        return Latent(features.new_zeros(len(features), 1), features.new_zeros(len(features)))

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return the zero."""
        return {"latent": features.new_zeros(len(features), 1)}
