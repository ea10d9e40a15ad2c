"""What the drills ask, and which replies are right: the same vectors that the engine computes for each text alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import numpy as np
import orjson
from traffic.content import (
    TOLERANCE,
    FirstReplies,
    Reply,
    Vectors,
    base64_embeddings,
    candidates_problem,
    float_embeddings,
    raw_embeddings,
)
from traffic.kinds import JSON
from traffic.texts import read_texts

from resay.engine import EncodeService, RawRequest

Form = Literal["float", "base64", "raw"]
READERS: Mapping[Form, Callable[[Reply], Vectors]] = {
    "float": float_embeddings,
    "base64": base64_embeddings,
    "raw": raw_embeddings,
}
FIELDS: Mapping[Form, Mapping[str, str]] = {"float": {}, "base64": {"encoding_format": "base64"}, "raw": {}}
ACCEPT: Mapping[Form, str] = {"float": JSON, "base64": JSON, "raw": "application/octet-stream"}
ENCODE = "/predictions/encode"
PARAPHRASE = "/predictions/paraphrase"
NUM_CANDIDATES = 3
_NUM_ASKS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """A request, and what tells a right reply of status 200 from a wrong one."""

    path: str
    body: bytes
    is_right: Callable[[Reply], bool]
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, url: str) -> bytes:
        """Return its bytes on the wire."""
        lines = {
            "Host": urlsplit(url).netloc,
            "Content-Type": JSON,
            "Content-Length": str(len(self.body)),
            **self.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + self.body


def encode_asks(model: Path, texts_a_request: int, form: Form = "base64") -> list[Ask]:
    """Return requests for the embeddings of so many texts each; the engine says here and now what these have to be."""
    texts = read_texts()
    expected = embeddings_of(model, texts)
    generator = random.Random(texts_a_request)
    draws = [generator.choices(range(len(texts)), k=texts_a_request) for _ in range(_NUM_ASKS)]
    return [encode_ask([texts[row] for row in rows], expected[rows], form) for rows in draws]


def encode_ask(texts: Sequence[str], expected: Vectors, form: Form = "base64") -> Ask:
    """Return the request for the embeddings of texts, which are known, a row each."""

    def is_right(reply: Reply) -> bool:
        try:
            found = READERS[form](reply)
        except (ValueError, KeyError, TypeError):
            return False
        return found.shape == expected.shape and bool(np.abs(found - expected).max() <= TOLERANCE)

    return Ask(ENCODE, orjson.dumps({"inputs": list(texts), **FIELDS[form]}), is_right, {"Accept": ACCEPT[form]})


def embeddings_of(model: Path, texts: Sequence[str]) -> Vectors:
    """Return what the engine answers for each text, asked for alone in this process: a row each."""
    service = EncodeService.open(model)
    replies = [service.respond([RawRequest({"inputs": [text], **FIELDS["base64"]})])[0] for text in texts]
    return np.concatenate([base64_embeddings(Reply(reply.status, reply.body, {})) for reply in replies])


def paraphrase_asks() -> list[Ask]:
    """Return requests for paraphrases of one text each; right ones are distinct, and few enough."""

    def ask(text: str) -> Ask:
        def is_right(reply: Reply) -> bool:
            try:
                return not candidates_problem(reply, [text], FirstReplies(), NUM_CANDIDATES)
            except (ValueError, KeyError, TypeError):
                return False

        return Ask(PARAPHRASE, orjson.dumps({"inputs": text, "n": NUM_CANDIDATES}), is_right)

    return [ask(text) for text in read_texts()]
