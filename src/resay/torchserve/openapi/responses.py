"""The errors of both ways in: for each status what it means, its codes and an example."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from resay.torchserve.openapi.codes import codes_of
from resay.torchserve.openapi.fronts import Front
from resay.torchserve.openapi.headers import REPLY_HEADERS, RETRY_AFTER

JSON = "application/json"
TOO_MANY = 429
SERVICE_STATUSES = (400, 413, 422, 500, 504)
"""What a service answers, so that it may be in another protocol's form."""
OWN_NOTES: Mapping[int, str] = {
    400: "With --token-auth, a missing or wrong token is a 400 of TorchServe's own.",
    404: "TorchServe's own: no such path, endpoint or version.",
    413: "Above 8 MiB TorchServe answers without a body.",
    500: "TorchServe's own: the worker ended over the request, or took longer than its responseTimeout.",
    503: "TorchServe's own: its queue is full, or the endpoint has no worker.",
    507: "TorchServe's own: at times what it says in the place of 500 of a worker that was killed.",
}
"""What TorchServe says without asking a worker, by status."""


def error_name(front: Front, status: int) -> str:
    """Return the name of a response among the document's parts."""
    return front.name.title() + HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def reference(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a part of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


def reply_headers() -> dict[str, Any]:
    """Return the headers of every reply of a worker."""
    return {name: reference("headers", name) for name in REPLY_HEADERS}


def error_responses(front: Front, examples: Mapping[int, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the errors of a way in, by name."""
    return {error_name(front, status): error_response(front, status, examples[status]) for status in front.statuses}


def error_response(front: Front, status: int, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return one error."""
    rows = codes_of(status, *front.origins)
    lines = [f"* `{row.code}`: {row.meaning}" for row in rows]
    schemas = [error_schema([row.code for row in rows])] if rows else []
    if status in SERVICE_STATUSES:
        schemas.append(reference("schemas", "InferenceError"))
    if front.is_torchserve and status in OWN_NOTES:
        lines.append(f"* {OWN_NOTES[status]}")
        schemas.append(reference("schemas", "TorchServeError"))
    return {
        "description": "\n".join([f"{HTTPStatus(status).phrase}", "", *lines]),
        "headers": reply_headers() | (RETRY_AFTER if status == TOO_MANY else {}),
        "content": {JSON: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}, "example": example}},
    }


def error_schema(codes: list[str]) -> dict[str, Any]:
    """Return the schema of an error that has one of these codes."""
    code = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    return {"allOf": [reference("schemas", "Error"), code]}
