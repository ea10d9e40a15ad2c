"""Requests of foreign protocols, asked of the services as a front end does."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from resay.engine import RawReply, RawRequest

Asked = Callable[..., tuple[int, dict[str, Any]]]
TEXTS = ["The soup was great!", "the room was very good"]


def ask_raw(service: Any, body: object, **parts: Any) -> RawReply:
    """Return the reply to a JSON body, or to bytes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    (reply,) = service.respond([RawRequest(data, "application/json", **parts)])
    return reply


@pytest.fixture
def ask_encode(encode_service) -> Asked:
    """Ask /predictions/encode; returns status and JSON."""

    def ask(body: object, **parts: Any) -> tuple[int, dict[str, Any]]:
        reply = ask_raw(encode_service, body, **parts)
        return reply.status, orjson.loads(reply.body)

    return ask


@pytest.fixture
def ask_paraphrase(paraphrase_service) -> Asked:
    """Ask /predictions/paraphrase; returns status and JSON."""

    def ask(body: object, **parts: Any) -> tuple[int, dict[str, Any]]:
        reply = ask_raw(paraphrase_service, body, **parts)
        return reply.status, orjson.loads(reply.body)

    return ask


@pytest.fixture
def expected(ask_encode) -> list[list[float]]:
    """The vectors of TEXTS, as our own protocol gives them."""
    return [item["embedding"] for item in ask_encode({"inputs": TEXTS})[1]["data"]]


@pytest.fixture
def ask_bytes(encode_service) -> Callable[..., RawReply]:
    """Ask /predictions/encode; returns the reply as it goes out."""

    def ask(body: object, **parts: Any) -> RawReply:
        return ask_raw(encode_service, body, **parts)

    return ask
