"""The edge before a real TorchServe: short addresses, keys, and whose errors are whose."""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from resay.edge.edge import running_edge
from resay.edge.keys import add_key
from resay.edge.program import find_nginx
from resay.edge.settings import EdgeSettings
from resay.errors import MissingExtraError
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS
from resay.torchserve.stopping import ServerStop

TEMPLATES = Path(__file__).parents[2] / "serving" / "edge"
SENTENCE = "The food was very good."
LATENT_SIZE = 32
DIRECT = build_opener(ProxyHandler({}))

ALIVE = {
    "/encode": (200, {"inputs": SENTENCE}),
    "/paraphrase": (200, {"inputs": SENTENCE, "n": 2}),
    "/decode": (200, {"inputs": [0.5] * LATENT_SIZE}),
    "/interpolate": (200, {"inputs": [SENTENCE, "The bed was so clean."], "num_steps": 2}),
    "/sample": (422, {}),  # the model has no prior
    "/predictions/encode": (200, {"inputs": SENTENCE}),
    "/v1/embeddings": (200, {"input": SENTENCE, "model": "tiny"}),
}


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        error = json.loads(self.body)["error"]
        assert len(error["message"]) > 10
        return str(error["code"])


@dataclass
class Client:
    url: str
    key: str

    def ask(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Send JSON with the key, or ask for what is there."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}", **(headers or {})}
        try:
            with DIRECT.open(Request(self.url + path, data, sent), timeout=60) as response:
                return Reply(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())


@pytest.fixture(scope="module")
def client(server, tmp_path_factory) -> Iterator[Client]:
    try:
        find_nginx()
    except MissingExtraError as error:
        pytest.skip(str(error))
    keys = tmp_path_factory.mktemp("keys") / "keys.toml"
    key = add_key(keys, "test")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = EdgeSettings(
        backend=server.url,
        port=port,
        keys=keys,
        endpoints=DEFAULT_ENDPOINTS,
        max_body_bytes=dict.fromkeys(DEFAULT_ENDPOINTS, 1048576),
        num_processes=1,
    )
    with running_edge(settings, TEMPLATES, ServerStop()) as edge:
        assert edge is not None
        yield Client(settings.url, key)


@pytest.mark.parametrize("path", list(ALIVE))
def test_every_route_reaches_its_worker(client, path) -> None:
    status, body = ALIVE[path]
    reply = client.ask(path, body, {"X-Request-Id": "order-17"})
    assert reply.status == status, reply
    assert len(reply.headers["x-model-sha"]) == 12
    assert float(reply.headers["x-compute-time-ms"]) > 0
    assert float(reply.headers["x-queue-time-ms"]) >= 0  # known because the edge says when it came
    assert reply.headers.get_all("x-request-id") == ["order-17"]
    assert client.ask(path, body, {"Authorization": "Bearer wrong"}).code == "unauthorized"


def test_an_endpoint_without_a_test_here_would_be_missed() -> None:
    assert {f"/{endpoint}" for endpoint in DEFAULT_ENDPOINTS} <= set(ALIVE)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"inputs": SENTENCE, "colour": 1}, 422, "unknown_field"),
        ({"inputs": []}, 422, "no_inputs"),
        (["a"] * 513, 413, "too_many_items"),
    ],
)
def test_a_workers_refusal_comes_through_in_its_own_words(client, server, body, status, code) -> None:
    through = client.ask("/encode", body)
    assert (through.status, through.code) == (status, code)
    behind = Client(server.url, "").ask("/predictions/encode", body)
    assert through.body == behind.body


def test_time_counts_from_the_arrival_at_the_edge(client) -> None:
    reply = client.ask("/encode", {"inputs": SENTENCE}, {"X-Request-Timeout-Ms": "0.001"})
    assert (reply.status, reply.code) == (504, "deadline")
    assert "x-model-sha" in reply.headers  # the worker's own words


def test_the_openai_client_works_unmodified(client) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{client.url}/v1", api_key=client.key, max_retries=0) as api:
        (model,) = api.models.list().data
        reply = api.embeddings.create(model=model.id, input=[SENTENCE, "The bed was so clean."])
        assert [len(item.embedding) for item in reply.data] == [16, 16]
    stranger = openai.OpenAI(base_url=f"{client.url}/v1", api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_health_is_the_workers_own(client) -> None:
    for path, status in (("/livez", "alive"), ("/readyz", "ready")):
        reply = client.ask(path, headers={"Authorization": ""})
        assert (reply.status, json.loads(reply.body)) == (200, {"status": status})


@pytest.mark.parametrize(
    "path",
    [
        "/ping",
        "/models",
        "/models/encode",
        "/metrics",
        "/predictions/encode/1.0",
        "/predictions/encode/1.0/readyz",
        "/v1/models/encode:predict",
        "/v2/models/encode/infer",
        "/v2/repository/index",
        "/workflows",
        "/api-description",
    ],
)
def test_torchserve_has_no_other_way_in(client, path) -> None:
    for body in (None, {"inputs": SENTENCE}):
        assert client.ask(path, body).code == "not_found"
