"""What the services have in common: how they open, how much they take at once, and what some models cannot do."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from resay.engine.card import ModelCard
from resay.engine.limits import RequestLimits, request_limits
from resay.engine.model_folder import ModelFolder
from resay.engine.settings import ServiceSettings
from resay.errors import RequestError

AnyService = TypeVar("AnyService", bound="Service")

ENCODE_MAX_ITEMS = 512
PARAPHRASE_MAX_ITEMS = 64
DECODE_MAX_ITEMS = 256
INTERPOLATE_MAX_ITEMS = 16
"""Pairs, each of which may have as many points as `MAX_POINTS` says."""
SAMPLE_MAX_ITEMS = 256
"""Sentences, since nothing is sent."""


@dataclass(frozen=True, slots=True)
class Service:
    """One endpoint of one model.

    Attributes:
        card: The model's card.
        limits: The server's limits.
        endpoint: Its name in the path.
        max_items: Items of a request at most, unless the settings say otherwise.
    """

    card: ModelCard
    limits: RequestLimits
    endpoint: ClassVar[str]
    max_items: ClassVar[int]

    @classmethod
    def open(cls: type[AnyService], folder_path: str | Path, settings: ServiceSettings | None = None) -> AnyService:
        """Load a model folder.

        Raises:
            ModelFolderError: If the folder is damaged or incomplete.
            DeviceError: If the device is not there.
            MissingExtraError: If onnxruntime is not installed.
        """
        settings = settings or ServiceSettings()
        return cls.load(ModelFolder.open(folder_path), settings, request_limits(settings, cls.max_items))

    @classmethod
    def load(
        cls: type[AnyService], folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits
    ) -> AnyService:
        """Open the graphs that it needs; errors as for `open`."""
        raise NotImplementedError


def require_latent_space(card: ModelCard) -> None:
    """Check that a model's latents say something.

    Raises:
        RequestError: 422 ``no_latent_space``, if it is a plain language model.
    """
    if not card.latent_space.reads_sentence:
        raise RequestError(
            422,
            "no_latent_space",
            f"this model (latent {card.latent}) is a plain language model, which says nothing of any given sentence:"
            " it answers encode and sample; serve a model with another latent",
        )


def require_bits(encoding_format: str, card: ModelCard) -> None:
    """Refuse packed bits where a model's latents have none.

    Raises:
        RequestError: 422 ``not_allowed``.
    """
    if encoding_format == "bits" and "bits" not in card.latent_space.readings:
        raise RequestError(
            422,
            "not_allowed",
            f"the latents of this model (latent {card.latent}) are no bits; take encoding_format float or base64",
            "encoding_format",
        )
