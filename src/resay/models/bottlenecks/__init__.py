"""What stands between the encoder's last state and the decoder: one short file each, one table.

A bottleneck is built from the encoder's feature size, has a `latent_size`, and maps features [B, H] to a `Latent`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from resay.models.bottlenecks.identity import IdentityBottleneck
from resay.models.bottlenecks.latent import Latent

BOTTLENECKS: Mapping[str, Callable[[int], IdentityBottleneck]] = MappingProxyType({"none": IdentityBottleneck})

__all__ = ["BOTTLENECKS", "IdentityBottleneck", "Latent"]
