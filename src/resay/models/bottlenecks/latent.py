"""What every bottleneck returns."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor


class Latent(NamedTuple):
    """A latent and what it costs.

    Attributes:
        value: What the decoder is conditioned on.
        penalty: Added to each sentence's reconstruction loss, in nats; zero where there is none.
    """

    value: Float[Tensor, "B Z"]
    penalty: Float[Tensor, " B"]
