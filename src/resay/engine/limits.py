"""How much a request may hold and ask for."""

from dataclasses import dataclass

from resay.engine.card import ModelCard
from resay.engine.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits of this server, whatever the model."""

    max_body_bytes: int
    max_items: int
    max_characters: int


@dataclass(frozen=True, slots=True)
class ModelBounds:
    """Bounds that come with the model."""

    max_length: int
    max_new_tokens: int
    embedding_size: int


def request_limits(settings: ServiceSettings, default_max_items: int) -> RequestLimits:
    """Return the limits that the settings say."""
    return RequestLimits(
        max_body_bytes=settings.max_body_bytes,
        max_items=settings.max_items or default_max_items,
        max_characters=settings.max_characters,
    )


def model_bounds(card: ModelCard) -> ModelBounds:
    """Return the bounds that the model sets; a candidate may be as long as the longest source."""
    max_length = card.limits.max_length
    return ModelBounds(max_length, max_length + 1, card.dimensions.embedding_size)
