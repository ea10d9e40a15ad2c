"""What a service tells of itself before it is asked anything: limits, sizes and fields."""

from typing import Any

from resay.engine.card import ModelCard
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.requests import RequestFields


def describe(
    service: str, card: ModelCard, limits: RequestLimits, fields: type[RequestFields], providers: list[str]
) -> dict[str, Any]:
    """Return a service's description, ready for JSON.

    Args:
        service: "encode" or "paraphrase".
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
        "dimensions": card.dimensions.model_dump(),
        "providers": providers,
        "limits": {
            "max_length": bounds.max_length,
            "max_new_tokens": bounds.max_new_tokens,
            "max_body_bytes": limits.max_body_bytes,
            "max_items": limits.max_items,
            "max_characters": limits.max_characters,
            "time_limit_seconds": limits.time_limit_seconds,
        },
        "fields": fields.model_json_schema()["properties"],
    }
