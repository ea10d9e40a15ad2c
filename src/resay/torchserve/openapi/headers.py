"""The headers of requests and replies."""

from __future__ import annotations

from typing import Any

REQUEST_HEADERS: tuple[dict[str, Any], ...] = (
    {
        "name": "X-Request-Timeout-Ms",
        "in": "header",
        "description": "How long the sender waits, counted from the request's arrival. What is not done by then is"
        " answered 504 `deadline`, before anything is computed for it.",
        "schema": {"type": "number", "exclusiveMinimum": 0},
        "example": 2000,
    },
    {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Stands in the log; of the edge it comes back with the reply.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:/+=-]{1,128}$"},
    },
    {
        "name": "traceparent",
        "in": "header",
        "description": "W3C trace context; its trace id stands in the log.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    },
)
REPLY_HEADERS: dict[str, dict[str, Any]] = {
    "x-model-sha": {
        "description": "First digits of the SHA-256 of the model's MANIFEST.sha256.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
    },
    "x-queue-time-ms": {
        "description": "From the request's arrival until a worker took it.",
        "schema": {"type": "number", "minimum": 0},
    },
    "x-compute-time-ms": {
        "description": "What the worker took for the requests that it answered together with this one.",
        "schema": {"type": "number", "minimum": 0},
    },
    "x-request-id": {
        "description": "Of the edge the request's own, if it had one; of TorchServe always a new one.",
        "schema": {"type": "string"},
    },
}
VECTOR_HEADERS: dict[str, dict[str, Any]] = {
    "x-shape": {
        "description": "With application/octet-stream: rows and columns.",
        "schema": {"type": "string", "pattern": "^[0-9]+,[0-9]+$"},
        "example": "2,300",
    },
    "x-failed": {
        "description": "With application/octet-stream: places of the rows that failed, which are NaN.",
        "schema": {"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"},
    },
    "x-error": {
        "description": "With application/octet-stream: code of the first row that failed.",
        "schema": {"type": "string"},
    },
}
RETRY_AFTER: dict[str, Any] = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}, "required": True}
}
