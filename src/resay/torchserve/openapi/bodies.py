"""What requests may hold, as JSON schema: the engine's own types, with this server's limits in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from resay.engine.card import ModelCard
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.request_fields import RequestFields
from resay.engine.requests import EMBEDDING, MAX_PROTECTED_CHARACTERS
from resay.engine.strategies import STRATEGIES

Schema: TypeAlias = dict[str, Any]


def text(limits: RequestLimits) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "minLength": 1, "maxLength": limits.max_characters}


def several(item: Schema, limits: RequestLimits) -> Schema:
    """Return the schema of a list of items."""
    return {"type": "array", "items": item, "minItems": 1, "maxItems": limits.max_items}


def texts_schema(limits: RequestLimits, card: ModelCard | None) -> Schema:
    """Return the schema of a text or several."""
    return {"anyOf": [text(limits), several(text(limits), limits)]}


def latents_schema(limits: RequestLimits, card: ModelCard | None) -> Schema:
    """Return the schema of a latent or several, as numbers or base64."""
    numbers: Schema = {"type": "array", "items": {"type": "number"}}
    if card is not None:
        size = card.dimensions.latent_size
        numbers |= {"minItems": size, "maxItems": size}
    packed = {"type": "string", "contentEncoding": "base64"}
    return {"anyOf": [numbers, packed, several(numbers, limits), several(packed, limits)]}


def pairs_schema(limits: RequestLimits, card: ModelCard | None) -> Schema:
    """Return the schema of a pair of texts or several."""
    pair = {"type": "array", "items": text(limits), "minItems": 2, "maxItems": 2}
    return {"anyOf": [pair, several(pair, limits)]}


INPUTS: Mapping[str, Callable[[RequestLimits, ModelCard | None], Schema]] = {
    "encode": texts_schema,
    "paraphrase": texts_schema,
    "decode": latents_schema,
    "interpolate": pairs_schema,
}
"""What `inputs` may hold; every other body than an object stands for it. A request without has none."""


def request_schema(endpoint: str, fields: type[RequestFields], limits: RequestLimits, card: ModelCard | None) -> Schema:
    """Return the schema of a request's object form.

    Args:
        endpoint: Its name.
        fields: Its type.
        limits: Of the server, which become bounds.
        card: The model, whose bounds are then numbers too; without it the document is true of every model.
    """
    schema = fields.model_json_schema()
    properties: dict[str, Schema] = schema["properties"]
    for field in properties.values():
        field.pop("title", None)
    if endpoint in INPUTS:
        properties["inputs"] = {
            "description": properties["inputs"]["description"],
            **INPUTS[endpoint](limits, card),
        }
    for name, keywords in narrowed(limits, card).items():
        if name in properties and (name != "n" or endpoint not in INPUTS):
            narrow(properties[name], keywords)
    return schema


def narrowed(limits: RequestLimits, card: ModelCard | None) -> Mapping[str, Schema]:
    """Return what the types leave to checks of other kinds, by field; `n` is that of samples."""
    spans = {"type": "string", "minLength": 1, "maxLength": MAX_PROTECTED_CHARACTERS}
    found: dict[str, Schema] = {
        "strategy": {"enum": list(STRATEGIES)},
        "protect": {"items": spans},
        "n": {"maximum": limits.max_items},
    }
    if card is not None:
        bounds, space = model_bounds(card), card.latent_space
        found["features"] = {"enum": [EMBEDDING, *space.readings]}
        found["dimensions"] = {"maximum": bounds.embedding_size}
        found["max_new_tokens"] = {"maximum": bounds.max_new_tokens}
        found["encoding_format"] = {"enum": ["float", "base64", *(["bits"] if "bits" in space.readings else [])]}
    return found


def narrow(field: Schema, keywords: Schema) -> None:
    """Add keywords to a field's schema; where null is allowed, to what else is."""
    (field["anyOf"][0] if "anyOf" in field else field).update(keywords)


def embeddings_schema(encode: Schema) -> Schema:
    """Return the schema of a request of the OpenAI embeddings API: OpenAI's names, our options."""
    properties = dict(encode["properties"])
    texts = properties.pop("inputs")
    return encode | {
        "title": "EmbeddingsRequest",
        "description": "Body of the OpenAI embeddings API, with encode's own options besides.",
        "properties": {
            "input": texts,
            "model": {"type": ["string", "null"], "description": "Name of the model that is served, if given."},
            "user": {"description": "Not read."},
            **{name: {"anyOf": [option, {"type": "null"}]} for name, option in properties.items()},
        },
        "required": ["input"],
    }


def request_body(endpoint: str, reference: Schema, limits: RequestLimits, card: ModelCard | None) -> Schema:
    """Return the bodies that an endpoint takes: JSON of several forms, and, where it reads texts, a plain one.

    Args:
        endpoint: Its name.
        reference: To the object form.
        limits: Of the server.
        card: As for `request_schema`.
    """
    if endpoint not in INPUTS:
        return {"required": False, "content": {"application/json": {"schema": reference}}}
    bare = INPUTS[endpoint](limits, card)["anyOf"]
    content: Schema = {"application/json": {"schema": {"anyOf": [reference, *bare]}}}
    if INPUTS[endpoint] is texts_schema:
        content["text/plain"] = {"schema": text(limits)}
    return {"required": True, "content": content}
