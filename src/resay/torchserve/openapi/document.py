"""The whole document, as OpenAPI 3.1 has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic.json_schema import models_json_schema

from resay.engine.card import ModelCard
from resay.engine.limits import RequestLimits, request_limits
from resay.engine.settings import read_settings
from resay.torchserve.archive import VERSION, ArchiveSettings
from resay.torchserve.endpoints import BULK_LANES, ENDPOINTS
from resay.torchserve.limits import Limits
from resay.torchserve.openapi.bodies import embeddings_schema, request_schema
from resay.torchserve.openapi.codes import ERROR_CODES
from resay.torchserve.openapi.examples import examples_by_status
from resay.torchserve.openapi.fronts import FRONTS, KEY
from resay.torchserve.openapi.headers import REPLY_HEADERS, REQUEST_HEADERS, VECTOR_HEADERS
from resay.torchserve.openapi.operations import answers, bulk_operation, documented, operation, probe, request_bodies
from resay.torchserve.openapi.replies import REPLIES
from resay.torchserve.openapi.responses import error_responses
from resay.torchserve.openapi.rows import ROWS

REFERENCES = "#/components/schemas/{model}"
DESCRIPTION = """\
Embeddings and paraphrases of sentences, and the space between sentences.

A body may be JSON (an object with `inputs`, or what would stand there alone) or, for encode and paraphrase, one plain
text. Requests of KServe's protocols are known by their bodies (`instances`; `inputs` that are objects), and answered in
the protocol's form.
A list is answered item by item: one that fails has an `error` in its place, and the status is 200 all the same; a
single item that fails fails its request. Every error is `{"error": {"code", "message", "path"}}`, its codes are listed
under `x-error-codes`; this server's limits under `x-limits`.
"""


def openapi_document(limits: Limits, card: ModelCard | None = None) -> dict[str, Any]:
    """Return the document.

    Args:
        limits: Of serving/limits.toml, or another file of its kind.
        card: Of the model that is served, whose bounds are then numbers too; without it the document is true of
            every model, and says less.

    Raises:
        SettingsError: A limit is not allowed.
    """
    by_endpoint = {endpoint: endpoint_limits(limits, endpoint) for endpoint in ENDPOINTS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "resay", "version": VERSION, "description": DESCRIPTION},
        "tags": [{"name": front.name, "description": front.description} for front in FRONTS],
        "paths": paths(),
        "components": components(by_endpoint, card),
        "x-limits": {endpoint: asdict(given) for endpoint, given in by_endpoint.items()},
        "x-error-codes": [asdict(row) for row in ERROR_CODES],
    }


def endpoint_limits(limits: Limits, endpoint: str) -> RequestLimits:
    """Return the limits of an endpoint: those given, for the others the defaults."""
    time_limit = ArchiveSettings(limits=limits).time_limit_seconds(endpoint)
    settings = read_settings({**limits.get(endpoint, {}), "time_limit_seconds": time_limit})
    row = ROWS[ENDPOINTS[endpoint].bulk_of or endpoint]
    return request_limits(settings, row.service.max_items)


def paths() -> dict[str, Any]:
    """Return every path of both ways in."""
    found: dict[str, Any] = {}
    for front in FRONTS:
        servers = [dict(front.server)]
        for name in documented():
            path = front.embeddings_path if name == "embeddings" else front.path.format(name)
            found[path] = {"servers": servers, "post": operation(front, name)}
        for endpoint, lane in BULK_LANES.items() if front.is_torchserve else ():
            found[front.path.format(lane)] = {"servers": servers, "post": bulk_operation(front, endpoint, lane)}
        for path in front.probes:
            found[path] = {"servers": servers, "get": probe(front, path)}
    return found


def components(limits: Mapping[str, RequestLimits], card: ModelCard | None) -> dict[str, Any]:
    """Return what the paths refer to."""
    _, replies = models_json_schema([(reply, "serialization") for reply in REPLIES], ref_template=REFERENCES)
    requests = {
        row.request.__name__: request_schema(endpoint, row.request, limits[endpoint], card)
        for endpoint, row in ROWS.items()
    }
    requests["EmbeddingsRequest"] = embeddings_schema(requests["EncodeRequest"])
    examples = examples_by_status(limits["encode"].max_body_bytes)
    return {
        "schemas": dict(sorted((requests | untitled(replies["$defs"])).items())),
        "requestBodies": request_bodies(limits, card),
        "responses": answers()
        | {name: error for front in FRONTS for name, error in error_responses(front, examples).items()},
        "parameters": {header["name"]: header for header in REQUEST_HEADERS},
        "headers": REPLY_HEADERS | VECTOR_HEADERS,
        "securitySchemes": {
            KEY: {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key of the edge, which takes it as X-Api-Key too; of TorchServe with"
                " --token-auth, its own token.",
            }
        },
    }


def untitled(schemas: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return schemas whose fields have no titles, which would say their names again."""
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            field.pop("title", None)
    return dict(schemas)


def render(document: Mapping[str, Any]) -> str:
    """Return the document as text, the same for the same document."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
