"""How much a request may hold and ask for."""

import math
from dataclasses import dataclass

from resay.engine.card import ModelCard
from resay.engine.latent_requests import MAX_POINTS
from resay.engine.latents.paths import DEFAULT_POINTS
from resay.engine.settings import MAX_DECODED_TOKENS, ServiceSettings


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits of this server, whatever the model.

    `time_limit_seconds` counts from the arrival of requests that are answered together, for all of them.
    """

    max_body_bytes: int
    max_items: int
    max_characters: int
    time_limit_seconds: float = math.inf
    max_decoded_tokens: int = MAX_DECODED_TOKENS


@dataclass(frozen=True, slots=True)
class ModelBounds:
    """Bounds that come with the model.

    `num_path_points` is the most that a way between two sentences has, if a request does not say.
    """

    max_length: int
    max_new_tokens: int
    embedding_size: int
    num_path_points: int = DEFAULT_POINTS


def request_limits(settings: ServiceSettings, default_max_items: int) -> RequestLimits:
    """Return the limits that the settings say."""
    return RequestLimits(
        max_body_bytes=settings.max_body_bytes,
        max_items=settings.max_items or default_max_items,
        max_characters=settings.max_characters,
        time_limit_seconds=settings.time_limit_seconds or math.inf,
        max_decoded_tokens=settings.max_decoded_tokens,
    )


def model_bounds(card: ModelCard) -> ModelBounds:
    """Return the bounds that the model sets; a candidate may be as long as the longest source."""
    max_length = card.limits.max_length
    all_flips = min(MAX_POINTS, card.dimensions.latent_size + 1)
    num_path_points = all_flips if card.latent_space.binary else DEFAULT_POINTS
    return ModelBounds(max_length, max_length + 1, card.dimensions.embedding_size, num_path_points)
