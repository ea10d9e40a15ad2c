"""What of each latent is measured: which reading is spoiled, and which ones are features."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from resay.errors import SettingsError, unknown_name_message


@dataclass(frozen=True, slots=True)
class Kind:
    """How the latents of a bottleneck are measured.

    Attributes:
        spoiled: Readings that are spoiled one dimension at a time; the first is what the model decodes from.
        features: Readings that a classifier is given.
    """

    spoiled: tuple[str, ...]
    features: tuple[str, ...]

    @property
    def decoded(self) -> str | None:
        """Return the reading that the model decodes from by default; None where no sentence is read."""
        return self.spoiled[0] if self.spoiled else None


_COIN_FEATURES = ("bits", "probabilities", "logits")
_SOFT_COINS = ("probabilities", "bits")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "none": Kind(("latent",), ("latent",)),
        "bottleneck": Kind(("latent",), ("latent",)),
        "vae": Kind(("mean",), ("mean",)),
        "gumbel": Kind(_SOFT_COINS, _COIN_FEATURES),
        "gumbel-vae": Kind(_SOFT_COINS, _COIN_FEATURES),
        "binary": Kind(("bits",), _COIN_FEATURES),
        "binary-vae": Kind(("bits",), _COIN_FEATURES),
        "lm": Kind((), ()),
    }
)
"""By the name of the bottleneck."""


def kind_of(latent: str) -> Kind:
    """Return how latents of this name are measured.

    Raises:
        SettingsError: If there is no such latent.
    """
    if latent not in KINDS:
        raise SettingsError(unknown_name_message("latent", latent, KINDS))
    return KINDS[latent]
