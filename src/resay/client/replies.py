"""From the bytes of an answer to vectors and items, each checked against what was asked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import orjson
from jaxtyping import Float32
from numpy import ndarray

from resay.client.actions import Reply
from resay.client.batches import Batch
from resay.client.errors import ReplyError
from resay.client.results import Candidate, EncodedText, Failure, Paraphrases, Sentence, Step

RAW_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"

Item = TypeVar("Item")


@contextmanager
def reading(reply: Reply) -> Iterator[None]:
    """Turn what goes wrong with a reply that is not as it should be into an error that shows what it is."""
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        kind = reply.media_type or "no content type"
        raise ReplyError(
            f"the server's answer ({kind}, {len(reply.body)} bytes) is not what was asked for:"
            f" {type(error).__name__}: {error}; check that base_url is a resay server of the same version"
        ) from error


def read_json(reply: Reply) -> dict[str, Any]:
    """Return a reply's JSON object.

    Raises:
        ReplyError: It is none.
    """
    with reading(reply):
        parsed = orjson.loads(reply.body)
        if not isinstance(parsed, dict):
            raise TypeError(f"a JSON object was expected, not {type(parsed).__name__}")
        return parsed


def read_raw(reply: Reply, num_rows: int) -> tuple[Float32[ndarray, "B D"], list[int]]:
    """Return the rows of little-endian float32 and which of them failed.

    Raises:
        ReplyError: Its size is not what its headers and the request say.
    """
    with reading(reply):
        height, width = (int(size) for size in reply.headers["x-shape"].split(","))
        if height != num_rows:
            raise ValueError(f"{num_rows} rows were asked for, not {height}")
        rows = np.frombuffer(reply.body, "<f4").reshape(height, width).astype(np.float32)
        failed = sorted({int(row) for row in reply.headers.get("x-failed", "").split(",") if row.strip()})
        if failed and not 0 <= failed[0] <= failed[-1] < height:
            raise ValueError(f"x-failed names rows that there are not: {failed}")
        return rows, failed


def read_items(
    reply: Reply, num_items: int, batch: Batch | None, read_one: Callable[[dict[str, Any]], Item]
) -> list[Item | Failure]:
    """Return a reply's items in the order of what was asked.

    Args:
        reply: A reply with a list `data`, whose items have an `index` each.
        num_items: How many were asked for.
        batch: What was asked, if it was something.
        read_one: Reads one item that did not fail.

    Raises:
        ReplyError: An item is missing, or is not as it should be.
    """
    parsed = read_json(reply)
    with reading(reply):
        data = {int(item["index"]): item for item in parsed["data"]}
        if sorted(data) != list(range(num_items)) or len(parsed["data"]) != num_items:
            raise ValueError(f"{num_items} items were asked for; their indices are {sorted(data)[:MAX_SHOWN]}")
        items: list[Item | Failure] = []
        for index in range(num_items):
            item, place = data[index], index if batch is None else batch.places[index]
            error = item.get("error")
            items.append(read_one(item) if error is None else Failure(place, str(error["code"]), str(error["message"])))
        return items


MAX_SHOWN = 20


def read_encoded(item: dict[str, Any]) -> EncodedText:
    """Read an item of encode."""
    return EncodedText(
        vector=read_vector(item["embedding"]),
        num_tokens=int(item["num_tokens"]),
        num_unknown=int(item["num_unknown"]),
        truncated=bool(item["truncated"]),
    )


def read_vector(value: object) -> Float32[ndarray, " D"]:
    """Return a vector that was sent as base64 of little-endian float32, or as numbers."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
    if not isinstance(value, list):
        raise TypeError(f"an embedding is base64 or a list, not {type(value).__name__}")
    return np.array(value, dtype=np.float64).astype(np.float32)


def read_paraphrases(item: dict[str, Any]) -> Paraphrases:
    """Read an item of paraphrase."""
    return Paraphrases(
        candidates=tuple(
            Candidate(
                text=str(each["text"]),
                similarity=float(each["similarity"]),
                novelty=float(each["novelty"]),
                log_prob=float(each["log_prob"]),
                score=float(each["score"]),
            )
            for each in item["candidates"]
        ),
        finish_reason=str(item["finish_reason"]),
        filtered={str(reason): int(number) for reason, number in item["filtered"].items()},
    )


def read_sentence(item: dict[str, Any]) -> Sentence:
    """Read an item of decode or sample."""
    return Sentence(str(item["text"]), float(item["log_prob"]))


def read_steps(item: dict[str, Any]) -> tuple[Step, ...]:
    """Read an item of interpolate."""
    return tuple(Step(str(each["text"]), float(each["position"]), float(each["log_prob"])) for each in item["steps"])
