"""The plans of what gives vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from jaxtyping import Float32
from numpy import ndarray

from resay.client.batches import cut, json_text, listed
from resay.client.errors import ItemsFailedError
from resay.client.exchange import Exchange
from resay.client.plan import Plan, items_plan
from resay.client.replies import read_encoded
from resay.client.results import EncodedText, Failure
from resay.client.vectors import BASE64, ENDPOINT, VectorPart, ask_vectors, join_vectors
from resay.errors import SettingsError, unknown_name_message

OnError = Literal["raise", "nan"]
ON_ERROR: Sequence[OnError] = ("raise", "nan")
EMBEDDING = "embedding"

Vectors: TypeAlias = Float32[ndarray, "*B D"]
VectorsAndFailures: TypeAlias = tuple[Float32[ndarray, "*B D"], tuple[Failure, ...]]


def fields_of(
    normalize: bool | None, truncate: bool, dimensions: int | None, features: str, seed: int | None
) -> dict[str, object]:
    """Return the fields of a request for vectors; what is as the server has it anyway is left out."""
    return {
        "normalize": normalize,
        "truncate": truncate,
        "dimensions": dimensions,
        "features": None if features == EMBEDDING else features,
        "seed": seed,
    }


def encode_plan(
    exchange: Exchange, texts: str | Iterable[str], fields: dict[str, object], on_error: str
) -> Plan[list[VectorPart], Vectors | VectorsAndFailures]:
    """Return the plan of `Client.encode`."""
    if on_error not in ON_ERROR:
        raise SettingsError(unknown_name_message("on_error", on_error, ON_ERROR))
    batches = cut(map(json_text, listed(texts)), exchange.settings.batch_size)
    dimensions = fields["dimensions"]
    size_of_none = dimensions if isinstance(dimensions, int) else 0

    def join(parts: Sequence[Sequence[VectorPart]]) -> Vectors | VectorsAndFailures:
        rows, failures = join_vectors([piece for part in parts for piece in part], size_of_none)
        vectors = rows[0] if isinstance(texts, str) else rows
        if on_error == "nan":
            return vectors, tuple(failures)
        if failures:
            raise ItemsFailedError(failures, vectors, len(rows))
        return vectors

    return Plan([ask_vectors(exchange, batch, fields) for batch in batches], join)


def details_plan(
    exchange: Exchange, texts: str | Iterable[str], fields: dict[str, object]
) -> Plan[list[EncodedText | Failure], list[EncodedText]]:
    """Return the plan of `Client.encode_details`."""
    batches = cut(map(json_text, listed(texts)), exchange.settings.batch_size)
    return items_plan(exchange, ENDPOINT, batches, lambda _: {**fields, **BASE64}, read_encoded)
