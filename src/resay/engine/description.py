"""What a service tells of itself before it is asked anything: limits, sizes and fields."""

from typing import Any

from resay.engine.card import ModelCard
from resay.engine.latents.space import LatentSpace
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.request_fields import RequestFields


def describe(
    service: str, card: ModelCard, limits: RequestLimits, fields: type[RequestFields], providers: list[str]
) -> dict[str, Any]:
    """Return a service's description, ready for JSON.

    Args:
        service: Its name, which is that of its endpoint.
        card: The model's card.
        limits: The server's limits.
        fields: The request's model; its JSON schema gives names, types, bounds and defaults.
        providers: What the graphs really run on, best first.
    """
    bounds = model_bounds(card)
    return {
        "service": service,
        "model": card.name,
        "loss": card.loss,
        "latent": card.latent,
        "latent_space": describe_space(card.latent_space),
        "dimensions": card.dimensions.model_dump(),
        "providers": providers,
        "limits": {
            "max_length": bounds.max_length,
            "max_new_tokens": bounds.max_new_tokens,
            "max_body_bytes": limits.max_body_bytes,
            "max_items": limits.max_items,
            "max_characters": limits.max_characters,
            "max_decoded_tokens": limits.max_decoded_tokens,
            "time_limit_seconds": limits.time_limit_seconds,
        },
        "fields": fields.model_json_schema()["properties"],
    }


def describe_space(space: LatentSpace) -> dict[str, Any]:
    """Return what a client may want to know of a latent space: of the prior its kind, not its numbers."""
    return {
        "readings": list(space.readings),
        "noise": space.noise,
        "reads_sentence": space.reads_sentence,
        "binary": space.binary,
        "prior": None if space.prior is None else space.prior.kind,
    }
