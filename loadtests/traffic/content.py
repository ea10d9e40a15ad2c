"""What can be wrong with an answer, beyond its status; an empty string says that nothing is."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

TOLERANCE = 1e-5
"""Largest difference between two embeddings of one text, whatever else was in its batch."""

_LENGTH_TOLERANCE = 1e-3
_CODE = re.compile(rb'"code":\s*"(\w+)"')

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; names of headers in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class FirstReplies:
    """The first answer seen for each text; one that differs later went astray, or comes of another model."""

    vectors: dict[str, Vectors] = field(default_factory=dict)
    candidates: dict[str, frozenset[str]] = field(default_factory=dict)


def status_problem(status: int, body: bytes) -> str:
    """Return the status, and the error's code where the body tells it, unless all is well."""
    if status == 200:
        return ""
    code = _CODE.search(body)
    return f"status {status}" + (f" {code[1].decode()}" if code else "")


def vectors_problem(vectors: Vectors, texts: Sequence[str], first: FirstReplies) -> str:
    """Look at number, length and order of embeddings, of which there is one a row."""
    if vectors.ndim != 2 or len(vectors) != len(texts):
        return f"embeddings of shape {vectors.shape} for {len(texts)} texts"
    lengths = np.sqrt(np.einsum("bd,bd->b", vectors, vectors))
    if not np.all(np.abs(lengths - 1) < _LENGTH_TOLERANCE):
        return f"an embedding of length {lengths[np.argmax(np.abs(lengths - 1))]:.4f} instead of 1"
    expected = [first.vectors.setdefault(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    if {vector.shape for vector in expected} != {vectors.shape[1:]}:
        return f"embeddings of {vectors.shape[1]} numbers, and others before"
    differences = np.abs(vectors - np.stack(expected)).max(axis=1)
    if differences.max() > TOLERANCE:
        text = texts[int(np.argmax(differences))]
        return f"the embedding of {text[:40]!r} differs from the first one seen by {differences.max():.2g}"
    return ""


def float_embeddings(reply: Reply) -> Vectors:
    """Return the embeddings of a JSON reply with numbers, a row each.

    Raises:
        ValueError, KeyError, TypeError: The reply has another form.
    """
    document = orjson.loads(reply.body)
    return _of_width([item["embedding"] for item in _in_order(document)], document["dimensions"])


def base64_embeddings(reply: Reply) -> Vectors:
    """Return the embeddings of a JSON reply with base64, a row each.

    Raises:
        ValueError, KeyError, TypeError: The reply has another form.
    """
    document = orjson.loads(reply.body)
    rows = [np.frombuffer(base64.b64decode(item["embedding"]), "<f4") for item in _in_order(document)]
    return _of_width(rows, document["dimensions"])


def raw_embeddings(reply: Reply) -> Vectors:
    """Return the embeddings of a reply of bytes, a row each.

    Raises:
        ValueError, KeyError: The reply has another form, or rows that failed.
    """
    if reply.headers.get("x-failed"):
        raise ValueError(f"rows {reply.headers['x-failed']} failed")
    shape = tuple(int(size) for size in reply.headers["x-shape"].split(","))
    return np.frombuffer(reply.body, "<f4").reshape(shape)


def candidates_problem(reply: Reply, texts: Sequence[str], first: FirstReplies, most: int) -> str:
    """Look at the candidates of each text: at most so many, all distinct, made of words; none at all needs a reason."""
    items = _in_order(orjson.loads(reply.body))
    if len(items) != len(texts):
        return f"{len(items)} items for {len(texts)} texts"
    problems = (_item_problem(item, first.candidates, text, most) for item, text in zip(items, texts, strict=True))
    return next(filter(None, problems), "")


def _item_problem(item: dict[str, Any], seen: dict[str, frozenset[str]], text: str, most: int) -> str:
    said = [str(candidate["text"]) for candidate in item["candidates"]]
    if not said and not item["finish_reason"]:
        return "no candidates and no reason"
    if len(said) > most or len(set(said)) < len(said):
        return "too many candidates, or one of them twice"
    if any("<unk>" in candidate for candidate in said):
        return "a candidate holds <unk>"
    before = seen.setdefault(text, frozenset(said))
    # Near the end of the list the last digit of a score may decide; of another text's candidates none would fit.
    if before.isdisjoint(said) and (before or said):
        return f"the candidates for {text[:40]!r} have nothing in common with the first ones seen"
    return ""


def _in_order(document: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = document["data"]
    if [item["index"] for item in items] != list(range(len(items))):
        raise ValueError("items out of order")
    return items


def _of_width(rows: Sequence[Any], width: int) -> Vectors:
    vectors = np.array(rows, dtype=np.float32)
    if vectors.shape[1:] != (width,):
        raise ValueError(f"embeddings of shape {vectors.shape[1:]} where dimensions says {width}")
    return vectors
