"""The operations of the document, and what those of both ways in share: bodies and good answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from resay.engine.card import ModelCard
from resay.engine.dialects.raw_vectors import OCTETS
from resay.engine.limits import RequestLimits
from resay.torchserve.openapi.bodies import request_body
from resay.torchserve.openapi.fronts import Front
from resay.torchserve.openapi.headers import REQUEST_HEADERS, VECTOR_HEADERS
from resay.torchserve.openapi.responses import JSON, error_name, reference, reply_headers
from resay.torchserve.openapi.rows import EMBEDDINGS, ROWS, Row

UNAUTHORIZED = 401
PROBE_STATUSES = (404, 405, 429, 500, 503)


def request_bodies(limits: Mapping[str, RequestLimits], card: ModelCard | None) -> dict[str, Any]:
    """Return the bodies that are taken, by endpoint."""
    bodies = {
        endpoint: request_body(endpoint, reference("schemas", row.request.__name__), limits[endpoint], card)
        for endpoint, row in ROWS.items()
    }
    bodies["embeddings"] = {
        "required": True,
        "content": {JSON: {"schema": reference("schemas", "EmbeddingsRequest")}},
    }
    for name, row in documented().items():
        bodies[name]["content"][JSON]["example"] = row.example.request
    return bodies


def answers() -> dict[str, Any]:
    """Return the good answers, by endpoint."""
    found = {name: answer(row.reply.__name__, row.example.reply) for name, row in documented().items()}
    vectors = found["encode"]
    vectors["headers"] |= {name: reference("headers", name) for name in VECTOR_HEADERS}
    vectors["content"][OCTETS] = {"schema": {"type": "string", "format": "binary"}}
    vectors["description"] += f"; with `Accept: {OCTETS}` little-endian float32, row by row"
    return found


def documented() -> Mapping[str, Row]:
    """Return all that takes a body."""
    return {**ROWS, "embeddings": EMBEDDINGS}


def operation(front: Front, name: str) -> dict[str, Any]:
    """Return an operation that takes a body and is answered by a worker."""
    return {
        "operationId": f"{front.name}-{name}",
        "tags": [front.name],
        "summary": documented()[name].summary,
        "security": list(front.security),
        "parameters": [reference("parameters", header["name"]) for header in REQUEST_HEADERS],
        "requestBody": reference("requestBodies", name),
        "responses": {"200": reference("responses", name)} | errors(front, front.statuses),
    }


def bulk_operation(front: Front, endpoint: str, lane: str) -> dict[str, Any]:
    """Return the operation of an endpoint that is another one again, for large requests."""
    return operation(front, endpoint) | {
        "operationId": f"{front.name}-{lane}",
        "summary": f"{endpoint} again, for large requests",
        "description": f"With a queue and workers of its own, where it was started; the edge chooses between it and"
        f" {endpoint} by a body's length. Bodies and replies are those of {endpoint}, limits stand under `x-limits`.",
    }


def probe(front: Front, path: str) -> dict[str, Any]:
    """Return a question about the server itself."""
    question = front.probes[path]
    statuses = (UNAUTHORIZED, *PROBE_STATUSES) if question.needs_key else PROBE_STATUSES
    return {
        "operationId": front.name + path.replace("/", "-"),
        "tags": [front.name],
        "summary": question.summary,
        "security": list(front.security) if question.needs_key else [],
        "responses": {"200": answer(question.reply, question.example)} | errors(front, statuses),
    }


def answer(schema: str, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the response of a request that was answered."""
    return {
        "description": "Answered",
        "headers": reply_headers(),
        "content": {JSON: {"schema": reference("schemas", schema), "example": example}},
    }


def errors(front: Front, statuses: Iterable[int]) -> dict[str, Any]:
    """Return references to the errors of a way in, by status."""
    wanted = [status for status in statuses if status in front.statuses]
    return {str(status): reference("responses", error_name(front, status)) for status in wanted}
