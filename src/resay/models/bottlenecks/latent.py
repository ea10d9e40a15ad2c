"""What every bottleneck is, and what it returns."""

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

Noise = Literal["none", "normal", "uniform"]
"""What a bottleneck draws a latent with: nothing, N(0, 1), or U(0, 1) for each component."""


class Latent(NamedTuple):
    """A latent and what it costs.

    Attributes:
        value: What the decoder is conditioned on.
        penalty: Added to each sentence's reconstruction loss, in nats; zero where there is none.
    """

    value: Float[Tensor, "B Z"]
    penalty: Float[Tensor, " B"]


class Bottleneck(nn.Module):
    """The contract between the autoencoder and what stands between its two halves.

    Attributes:
        noise: What latents are drawn with.
        binary: Whether the decoder's latents are zeros and ones.
        reads_sentence: Whether the latent depends on the sentence at all.
        with_kl: Whether the penalty is the divergence from a prior, rather than zero.
        latent_size: Z.
    """

    noise: ClassVar[Noise] = "none"
    binary: ClassVar[bool] = False
    reads_sentence: ClassVar[bool] = True

    def __init__(self, latent_size: int, *, with_kl: bool = False) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.with_kl = with_kl

    def forward(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Latent:
        """Return the latent that training conditions the decoder on, drawn with the noise, and its penalty."""
        raise NotImplementedError

    def readings(self, features: Float[Tensor, "B F"], noise: Float[Tensor, "B Z"]) -> Mapping[str, Tensor]:
        """Return everything that can be read off a sentence, by name, each [B, Z].

        ``latent`` is among them: what the decoder gets at inference, which no noise changes. The other names are
        those of `resay.models.bottlenecks.READINGS`.
        """
        raise NotImplementedError
