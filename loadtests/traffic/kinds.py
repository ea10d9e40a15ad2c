"""The kinds of requests, and the users who send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson

from traffic.content import (
    FirstReplies,
    Reply,
    Vectors,
    base64_embeddings,
    candidates_problem,
    float_embeddings,
    raw_embeddings,
    status_problem,
    vectors_problem,
)

NUM_BULK_TEXTS = 64
NUM_CANDIDATES = 5
JSON = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of request.

    Attributes:
        endpoint: Name in /predictions/NAME.
        num_texts: Texts of each request; a single one is sent as a string.
        limit_ms: An answer that takes longer comes too late.
        check_share: Of so many replies the content is looked at, where every reply would cost the generator too much.
        look: Returns what is wrong with the content.
        fields: Of the body, beside the inputs.
        accept: The header.
    """

    endpoint: str
    num_texts: int
    limit_ms: float
    check_share: float
    look: Callable[[Reply, Sequence[str], FirstReplies], str]
    fields: Mapping[str, object] = field(default_factory=dict)
    accept: str = JSON

    @property
    def path(self) -> str:
        """Path of the request."""
        return f"/predictions/{self.endpoint}"

    def body(self, texts: Sequence[str]) -> bytes:
        """Return the body about these texts."""
        inputs = texts[0] if self.num_texts == 1 else list(texts)
        return orjson.dumps({"inputs": inputs, **self.fields})

    def problem(self, reply: Reply, texts: Sequence[str], first: FirstReplies) -> str:
        """Return what is wrong with a reply; empty if nothing."""
        if problem := status_problem(reply.status, reply.body):
            return problem
        try:
            return self.look(reply, texts, first)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            return f"unexpected form of reply: {type(error).__name__}: {error}"[:120]


def _embeddings(read: Callable[[Reply], Vectors], reply: Reply, texts: Sequence[str], first: FirstReplies) -> str:
    return vectors_problem(read(reply), texts, first)


def _candidates(reply: Reply, texts: Sequence[str], first: FirstReplies) -> str:
    return candidates_problem(reply, texts, first, NUM_CANDIDATES)


KINDS: Mapping[str, Kind] = {
    "interactive": Kind(
        endpoint="encode", num_texts=1, limit_ms=30, check_share=0.1, look=partial(_embeddings, float_embeddings)
    ),
    "bulk": Kind(
        endpoint="encode",
        num_texts=NUM_BULK_TEXTS,
        limit_ms=200,
        check_share=0.5,
        look=partial(_embeddings, base64_embeddings),
        fields={"encoding_format": "base64"},
    ),
    "bulk-raw": Kind(
        endpoint="encode",
        num_texts=NUM_BULK_TEXTS,
        limit_ms=200,
        check_share=0.5,
        look=partial(_embeddings, raw_embeddings),
        accept="application/octet-stream",
    ),
    "paraphrase": Kind(
        endpoint="paraphrase",
        num_texts=1,
        limit_ms=500,
        check_share=1.0,
        look=_candidates,
        fields={"n": NUM_CANDIDATES},
    ),
}

USERS: Mapping[str, Mapping[str, float]] = {
    **{name: {name: 1.0} for name in KINDS},
    "mix": {"interactive": 0.90, "bulk": 0.05, "paraphrase": 0.05},
}
"""What share of each class of users' requests is of which kind."""
