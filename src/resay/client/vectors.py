"""Vectors of a batch, as steps: as bytes if the server has them, as JSON if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.client.actions import Reply, Steps
from resay.client.asking import in_pieces, post
from resay.client.batches import Batch
from resay.client.errors import ReplyError
from resay.client.exchange import Exchange
from resay.client.replies import RAW_TYPE, read_encoded, read_items, read_json, read_raw
from resay.client.results import EncodedText, Failure

ENDPOINT = "encode"
BASE64 = {"encoding_format": "base64"}
"""What JSON holds vectors in: a third of the bytes of numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class VectorPart:
    """Rows of some places; those of failures are NaN. D is 0 if the server gave no vector at all.

    `model_sha` is what the server said of its model; empty if it said nothing.
    """

    rows: Float32[ndarray, "B D"]
    places: Sequence[int]
    failures: Sequence[Failure]
    model_sha: str = ""


def ask_vectors(exchange: Exchange, batch: Batch, fields: Mapping[str, object]) -> Steps[list[VectorPart]]:
    """Ask for the vectors of a batch."""

    def ask(part: Batch) -> Steps[VectorPart]:
        reply = yield from post(exchange, ENDPOINT, part.body({**fields, **BASE64}), RAW_TYPE)
        if reply.media_type != RAW_TYPE:
            items = read_items(reply, len(part.items), part, read_encoded)
            return part_of(items, part, int(read_json(reply)["dimensions"]), sha_of(reply))
        rows, failed = read_raw(reply, len(part.items))
        if not failed:
            return VectorPart(rows, part.places, [], sha_of(reply))
        # Bytes have no room for reasons.
        again = part.only(failed)
        reply = yield from post(exchange, ENDPOINT, again.body({**fields, **BASE64}))
        items = read_items(reply, len(failed), again, read_encoded)
        reasons = part_of(items, again, rows.shape[1])
        rows[failed] = reasons.rows
        return VectorPart(rows, part.places, reasons.failures, sha_of(reply))

    return (yield from in_pieces(batch, ask, lambda failure: VectorPart(no_rows(1, 0), [failure.index], [failure])))


def sha_of(reply: Reply) -> str:
    """Return what a reply says of the model that it is from."""
    return reply.headers.get("x-model-sha", "")


def part_of(items: Sequence[EncodedText | Failure], batch: Batch, size: int, model_sha: str = "") -> VectorPart:
    """Return a part made of items.

    Raises:
        ReplyError: A vector has another size.
    """
    rows = no_rows(len(items), size)
    for row, item in zip(rows, items, strict=True):
        if isinstance(item, EncodedText):
            if item.vector.shape != (size,):
                raise ReplyError(f"the server gave a vector of {item.vector.size} components, and others of {size}")
            row[:] = item.vector
    return VectorPart(rows, batch.places, [item for item in items if isinstance(item, Failure)], model_sha)


def no_rows(num_rows: int, size: int) -> Float32[ndarray, "B D"]:
    """Return rows that say nothing."""
    return np.full((num_rows, size), np.nan, dtype=np.float32)


def join_vectors(parts: Sequence[VectorPart], size_of_none: int) -> tuple[Float32[ndarray, "B D"], list[Failure]]:
    """Put parts together.

    Args:
        parts: Together of all places, in their order.
        size_of_none: Components of a vector, if no part knows.

    Raises:
        ReplyError: The parts are of different models: another one took over meanwhile.
    """
    if len({part.model_sha for part in parts} - {""}) > 1:
        raise ReplyError(
            "the server's model was changed while it was asked, and vectors of two do not compare: ask again"
        )
    sizes = {part.rows.shape[1] for part in parts} - {0}
    if len(sizes) > 1:
        raise ReplyError(f"the server gave vectors of {sorted(sizes)} components; its model was changed: ask again")
    vectors = no_rows(sum(len(part.places) for part in parts), max(sizes, default=size_of_none))
    for part in parts:
        if part.rows.shape[1]:
            vectors[list(part.places)] = part.rows
    failures = [failure for part in parts for failure in part.failures]
    return vectors, failures
