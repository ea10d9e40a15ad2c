"""From a reply that is no answer, or from none at all, to the error that says so."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson

from resay.client.actions import Broken, Call, Reply
from resay.client.errors import ClientError, DeadlineError, ReplyError, RequestRefused, UnreachableError

RETRIED_STATUSES = frozenset({429, 502, 503})
"""Of a server that is full, away or not ready yet; 502 is a proxy's word for a connection that broke."""

MAX_SHOWN = 200

_ADVICE: Mapping[int, str] = {
    401: "; check api_key",
    403: "; check api_key",
    404: '; check base_url, and whether routes must be "torchserve" or "edge"',
    405: '; check base_url, and whether routes must be "torchserve" or "edge"',
    429: "; ask less at once (max_connections), or allow more time (timeout_seconds) and tries (max_retries)",
    503: "; ask less at once (max_connections), or allow more time (timeout_seconds) and tries (max_retries)",
}


def is_retried(outcome: Reply | Broken) -> bool:
    """Whether trying again may help."""
    if isinstance(outcome, Broken):
        return outcome.kind == "connection"
    return outcome.status in RETRIED_STATUSES


def error_of(call: Call, outcome: Reply | Broken, tries: str) -> ClientError:
    """Return the error to raise.

    Args:
        call: What was asked.
        outcome: What came back; a reply with another status than 200.
        tries: How often it was tried, for the message.
    """
    if isinstance(outcome, Broken):
        return _broken_error(call, outcome, tries)
    if outcome.status == HTTPStatus.GATEWAY_TIMEOUT:
        _, message, _ = _read(outcome)
        return DeadlineError(f"{call.url} did not answer in time {tries}: {message}; {_MORE_TIME}")
    code, message, path = _read(outcome)
    return RequestRefused(
        outcome.status,
        code,
        message,
        path,
        request_id=outcome.headers.get("x-request-id", ""),
        advice=f"{_ADVICE.get(outcome.status, '')} [{call.url}, {tries}]",
    )


_MORE_TIME = "ask for less in one request (batch_size), or allow more time (timeout_seconds)"


def _broken_error(call: Call, outcome: Broken, tries: str) -> ClientError:
    reason = f"{type(outcome.error).__name__}: {outcome.error}"
    if outcome.kind == "timeout":
        return DeadlineError(f"{call.url} did not answer in time {tries} ({reason}); {_MORE_TIME}")
    if outcome.kind == "reply":
        return ReplyError(f"{call.url} answered with what cannot be read ({reason}); check base_url and proxies")
    return UnreachableError(
        f"{call.url} cannot be reached {tries} ({reason}); check that the server runs and that base_url is its address,"
        " and give a certificate of your own as ssl_context"
    )


def _read(reply: Reply) -> tuple[str, str, str]:
    """Return code, message and path of our own refusals, of TorchServe's, and of whatever else stands in between."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return _unknown_form(reply)
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return _text(error.get("code"), reply), error["message"], str(error.get("path") or "")
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return _text(body.get("type"), reply), body["message"], ""
    return _unknown_form(reply)


def _text(code: Any, reply: Reply) -> str:  # noqa: ANN401 (JSON)
    return code if isinstance(code, str) and code else f"http_{reply.status}"


def _unknown_form(reply: Reply) -> tuple[str, str, str]:
    text = " ".join(reply.body[: 4 * MAX_SHOWN].decode("utf-8", "replace").split())[:MAX_SHOWN]
    location = reply.headers.get("location")
    if location:
        message = f"the server sends on to {location}; give that as base_url"
    elif text:
        message = f"the server said {text!r}"
    else:
        message = f"the server gave no reason ({_phrase(reply.status)})"
    return f"http_{reply.status}", message, ""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "a status of its own"
