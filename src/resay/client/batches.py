"""From inputs to the bodies of requests: how many go together, and where each came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import orjson

from resay.errors import SettingsError

MAX_BATCH_BYTES = 900_000
"""Of the inputs of one request: a server takes bodies of 1 MiB unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of one request, as JSON, and the place of each among all that were given."""

    items: Sequence[bytes]
    places: Sequence[int]

    def only(self, rows: Sequence[int]) -> Batch:
        """Return the batch of some of its inputs."""
        return Batch([self.items[row] for row in rows], [self.places[row] for row in rows])

    def halves(self) -> tuple[Batch, Batch]:
        """Return its two halves, each with at least one input if it has two."""
        rows = range(len(self.items))
        middle = len(rows) // 2
        return self.only(rows[:middle]), self.only(rows[middle:])

    def body(self, fields: Mapping[str, object]) -> bytes:
        """Return the request's body; fields that are `None` are left to the server."""
        return body({"inputs": [orjson.Fragment(item) for item in self.items], **fields})


def body(fields: Mapping[str, object]) -> bytes:
    """Return fields as JSON, without those that are `None`.

    Raises:
        SettingsError: A value is none that JSON has.
    """
    try:
        return orjson.dumps({name: value for name, value in fields.items() if value is not None})
    except TypeError as error:
        raise SettingsError(f"an option of the request cannot be written as JSON: {error}") from None


def cut(items: Iterable[bytes], batch_size: int) -> list[Batch]:
    """Cut inputs into batches, in their order, of at most so many inputs and of `MAX_BATCH_BYTES`.

    An input that is longer alone gets a batch of its own: the server has the last word on it.
    """
    parts: list[list[bytes]] = []
    num_bytes = 0
    for item in items:
        if not parts or len(parts[-1]) == batch_size or num_bytes + len(item) > MAX_BATCH_BYTES:
            parts.append([])
            num_bytes = 0
        parts[-1].append(item)
        num_bytes += len(item)
    starts = accumulate(map(len, parts), initial=0)
    return [Batch(part, range(start, start + len(part))) for start, part in zip(starts, parts, strict=False)]


def listed(texts: str | Iterable[object]) -> list[str]:
    """Return texts as a list; one string counts as a list of one.

    Raises:
        SettingsError: One is no string.
    """
    given = [texts] if isinstance(texts, str) else texts
    return [checked_text(text, f"texts[{place}]") for place, text in enumerate(given)]


def checked_text(text: object, name: str) -> str:
    """Return a text.

    Raises:
        SettingsError: It is no string.
    """
    if not isinstance(text, str):
        raise SettingsError(f"{name} must be a string; got {type(text).__name__}")
    return text


def json_text(text: str) -> bytes:
    """Return a text as a JSON string."""
    try:
        return orjson.dumps(text)
    except TypeError:
        # Half of a surrogate pair is no Unicode, but JSON can escape it: the server refuses this text alone.
        return json.dumps(text).encode("ascii")
