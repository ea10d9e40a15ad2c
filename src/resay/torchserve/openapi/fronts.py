"""The two ways in: the edge, which is for everybody, and TorchServe on loopback behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from resay.torchserve.archive import VERSION
from resay.torchserve.endpoints import ENDPOINTS
from resay.torchserve.openapi.codes import Origin
from resay.torchserve.openapi.examples import MODELS, READY

KEY = "key"
"""Name of the security scheme: an API key of the edge, or, with --token-auth, a token of TorchServe's."""

SELF_CHECK = "Whether the model gives what it gave when it was made"


class Probe(NamedTuple):
    """A question about the server itself.

    Attributes:
        summary: What it asks.
        reply: The type of a good answer.
        example: One.
        needs_key: Whether the edge asks for a key.
    """

    summary: str
    reply: str
    example: Mapping[str, Any]
    needs_key: bool = False


@dataclass(frozen=True, slots=True)
class Front:
    """A server that answers.

    Attributes:
        name: The tag of its operations.
        description: What it is.
        server: Its address, as OpenAPI has it.
        origins: Whose codes its errors have.
        statuses: The errors it may answer.
        is_torchserve: Whether some of them come in TorchServe's own form.
        security: What it asks for, as OpenAPI has it.
        path: Of an endpoint, whose name stands for the braces.
        embeddings_path: Of the OpenAI embeddings API.
        probes: Questions about the server itself, by path.
    """

    name: str
    description: str
    server: Mapping[str, Any]
    origins: tuple[Origin, ...]
    statuses: tuple[int, ...]
    is_torchserve: bool
    security: tuple[Mapping[str, list[str]], ...]
    path: str
    embeddings_path: str
    probes: Mapping[str, Probe]


MODEL_LIST = Probe("OpenAI's list of models", "ModelList", MODELS, needs_key=True)
EDGE = Front(
    name="edge",
    description="The public address: API keys, rates for each key, every error in one form.",
    server={"url": "https://{host}", "variables": {"host": {"default": "localhost"}}},
    origins=("worker", "edge"),
    statuses=(400, 401, 404, 405, 413, 414, 415, 422, 429, 431, 500, 503, 504),
    is_torchserve=False,
    security=({KEY: []},),
    path="/{}",
    embeddings_path="/v1/embeddings",
    probes={
        "/v1/models": MODEL_LIST,
        "/livez": Probe("Whether edge and TorchServe answer", "Status", {"status": "alive"}),
        "/readyz": Probe(f"{SELF_CHECK}: each endpoint's", "Status", {"status": "ready"}),
    },
)
TORCHSERVE = Front(
    name="torchserve",
    description="TorchServe itself, on loopback: what the edge speaks to.",
    server={"url": "http://127.0.0.1:8080"},
    origins=("worker",),
    statuses=(400, 404, 413, 415, 422, 500, 503, 504, 507),
    is_torchserve=True,
    security=({}, {KEY: []}),
    path="/predictions/{}",
    embeddings_path=f"/predictions/encode/{VERSION}/v1/embeddings",
    probes={
        f"/predictions/encode/{VERSION}/v1/models": MODEL_LIST,
        **{f"/predictions/{endpoint}/{VERSION}/readyz": Probe(SELF_CHECK, "Ready", READY) for endpoint in ENDPOINTS},
    },
)
FRONTS = (EDGE, TORCHSERVE)
