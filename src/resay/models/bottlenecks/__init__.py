"""What stands between the encoder's last states and the decoder: one short file each, one table.

A bottleneck is built from the encoder's feature size F and the latent size Z that was asked for. It maps features
[B, F] and noise [B, Z] to a `Latent`; see `resay.models.bottlenecks.latent.Bottleneck`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from resay.models.bottlenecks.binary import BinaryBottleneck
from resay.models.bottlenecks.gaussian import GaussianBottleneck
from resay.models.bottlenecks.gumbel import GumbelBottleneck
from resay.models.bottlenecks.identity import IdentityBottleneck
from resay.models.bottlenecks.language_model import LanguageModelBottleneck
from resay.models.bottlenecks.latent import Bottleneck, Latent
from resay.models.bottlenecks.linear import LinearBottleneck

BOTTLENECKS: Mapping[str, Callable[[int, int], Bottleneck]] = MappingProxyType(
    {
        "none": IdentityBottleneck,
        "bottleneck": LinearBottleneck,
        "vae": GaussianBottleneck,
        "gumbel": GumbelBottleneck,
        "gumbel-vae": partial(GumbelBottleneck, with_kl=True),
        "binary": BinaryBottleneck,
        "binary-vae": partial(BinaryBottleneck, with_kl=True),
        "lm": LanguageModelBottleneck,
    }
)

READINGS = ("latent", "mean", "sample", "bits", "probabilities", "logits")
"""All that can be read off a sentence; each bottleneck has `latent` and some of the others."""

__all__ = ["BOTTLENECKS", "READINGS", "Bottleneck", "Latent"]
