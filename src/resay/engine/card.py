"""model.json: what an exported model says about itself."""

from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from resay.engine.card_part import CardPart
from resay.engine.latents.space import LatentSpace
from resay.errors import ModelFolderError

FORMAT_VERSION = 1

__all__ = [
    "FORMAT_VERSION",
    "Calibration",
    "DialCurve",
    "Dimensions",
    "GoldenSentence",
    "LatentSpace",
    "ModelCard",
    "ModelLimits",
    "parse_card",
]


class Dimensions(CardPart):
    """Sizes of the model: V, E, H, Z, and the size of a sentence embedding."""

    vocab_size: int = Field(ge=1)
    word_vector_size: int = Field(ge=1)
    hidden_size: int = Field(ge=1)
    latent_size: int = Field(ge=1)
    embedding_size: int = Field(ge=1)


class ModelLimits(CardPart):
    """What the model was trained for: `max_length` is the most tokens of a sentence."""

    max_length: int = Field(ge=1)


class DialCurve(CardPart):
    """What a strategy gave on dev sentences, at each wildness of an ascending grid that begins with 0."""

    wildness: tuple[float, ...] = Field(min_length=2)
    novelty: tuple[float, ...] = Field(min_length=2)
    similarity: tuple[float, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def a_value_at_each_place(self) -> "DialCurve":
        """Refuse a curve that cannot be read off."""
        if not len(self.wildness) == len(self.novelty) == len(self.similarity):
            raise ValueError("wildness, novelty and similarity must be equally long")
        if list(self.wildness) != sorted(set(self.wildness)) or self.wildness[0] != 0:
            raise ValueError("wildness must ascend from 0")
        return self


class Calibration(CardPart):
    """What the dial `diversity` goes by; `resay.engine.dial` says how."""

    num_sentences: int = Field(ge=0)
    kept_share: float = Field(ge=0, le=1)
    unrelated_similarity: float = Field(ge=0, le=1)
    unrelated_latents: float = Field(ge=0, lt=1)
    strategies: dict[str, DialCurve] = Field(default_factory=dict)


class GoldenSentence(CardPart):
    """A sentence with the numbers that the trained model gave for it; what the exported step graph says of it."""

    text: str
    token_ids: list[int]
    latent: list[float]
    embedding: list[float]
    reconstruction: str


class ModelCard(CardPart):
    """Everything in model.json that the engine reads."""

    format: Literal[1]
    name: str
    dimensions: Dimensions
    limits: ModelLimits
    loss: str = ""
    latent: str = "none"
    latent_space: LatentSpace = LatentSpace()
    special_ids: dict[str, int] = Field(default_factory=dict)
    provenance: dict[str, Any] = Field(default_factory=dict)
    metrics: dict[str, Any] = Field(default_factory=dict)
    calibration: Calibration | None = None
    golden: tuple[GoldenSentence, ...] = ()

    @model_validator(mode="after")
    def the_space_has_the_latents_size(self) -> "ModelCard":
        """Refuse a prior of latents of another size."""
        self.latent_space.check_size(self.dimensions.latent_size)
        return self


def parse_card(data: bytes) -> ModelCard:
    """Parse model.json.

    Raises:
        ModelFolderError: If it is no JSON, of another format version, or lacks a key.
    """
    try:
        return ModelCard.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if place == "format":
            raise ModelFolderError(
                f"model.json has the format {first['input']!r}; this version of resay"
                f" reads format {FORMAT_VERSION}: export the model again, or install the resay that wrote it"
            ) from None
        where = f"{place}: " if place else ""
        raise ModelFolderError(f"model.json cannot be read ({where}{first['msg']}); export the model again") from None
