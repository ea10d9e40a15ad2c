"""Errors: from what the backend says over HTTP to what gRPC calls it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import grpc
import orjson

from resay.bridge.call import sendable
from resay.errors import RequestError

CODES: Mapping[int, grpc.StatusCode] = MappingProxyType(
    {
        400: grpc.StatusCode.INVALID_ARGUMENT,
        401: grpc.StatusCode.UNAUTHENTICATED,
        403: grpc.StatusCode.PERMISSION_DENIED,
        404: grpc.StatusCode.NOT_FOUND,
        413: grpc.StatusCode.RESOURCE_EXHAUSTED,
        415: grpc.StatusCode.INVALID_ARGUMENT,
        422: grpc.StatusCode.INVALID_ARGUMENT,
        429: grpc.StatusCode.RESOURCE_EXHAUSTED,
        500: grpc.StatusCode.INTERNAL,
        501: grpc.StatusCode.UNIMPLEMENTED,
        502: grpc.StatusCode.UNAVAILABLE,
        503: grpc.StatusCode.UNAVAILABLE,
        504: grpc.StatusCode.DEADLINE_EXCEEDED,
        507: grpc.StatusCode.UNAVAILABLE,
    }
)
"""By the HTTP status. 507 is a device whose memory is full at the moment."""

MAX_DETAILS = 1000
"""Characters of a message: it travels in a header."""


def code_of(status: int) -> grpc.StatusCode:
    """Return gRPC's code for an HTTP status; UNKNOWN for one that nobody expects."""
    return CODES.get(status, grpc.StatusCode.UNKNOWN)


def details_of(error: RequestError) -> str:
    """Return the message of an error, and before it the place: most clients show nothing else of an error."""
    message = str(error)
    place = f"{error.path}: " if error.path and error.path not in message else ""
    return (place + message)[:MAX_DETAILS]


def error_metadata(error: RequestError) -> dict[str, str]:
    """Return what a message does not say: the error's code, and where in the request it is."""
    return sendable({"x-error-code": error.code, "x-error-path": error.path[:MAX_DETAILS]})


def read_error(status: int, body: bytes) -> RequestError:
    """Return the error that a reply stands for.

    Its body may be the Open Inference Protocol's, our own, TorchServe's, or none of these.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    fields: Any = said if isinstance(said, dict) else {}
    error = fields.get("error")
    inner = error if isinstance(error, dict) else fields
    message = error if isinstance(error, str) else inner.get("message")
    if not isinstance(message, str) or not message:
        message = f"the server answered with the HTTP status {status}, and gave no reason"
    code = inner.get("code")
    return RequestError(
        status if 400 <= status <= 599 else 500,
        code if isinstance(code, str) and code else f"http_{status}",
        message,
        str(inner.get("path") or ""),
    )
