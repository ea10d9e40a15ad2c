"""Every status that TorchServe and its workers answer, held against the OpenAPI document."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import numpy as np
import pytest

from resay.torchserve.archive import ArchiveSettings

DOCUMENT = json.loads((Path(__file__).parents[2] / "serving" / "openapi.json").read_text(encoding="utf-8"))
JSON = {"Content-Type": "application/json"}
EMBEDDINGS = "encode/1.0/v1/embeddings"
PAIR = ["The food was very good.", "The bed was so clean."]
LATENT = [0.5] * 32
QUEUE_LENGTH = ArchiveSettings().job_queue_size("paraphrase")


class Answer(NamedTuple):
    """What came back; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, path: str, body: object, headers: Mapping[str, str] = JSON, method: str = "POST") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, f"/predictions/{path}", data, dict(headers))
        return read(connection.getresponse())
    finally:
        connection.close()


def read(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def part(reference: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to, or what is none."""
    found: Any = DOCUMENT
    for name in reference.get("$ref", "").removeprefix("#/").split("/"):
        found = found[name] if name else reference
    return found


def check(path: str, answer: Answer, method: str = "post") -> None:
    """Hold an answer against the document: its status, its type, its body, its headers."""
    operation = DOCUMENT["paths"][f"/predictions/{path}"][method]
    response = part(operation["responses"][str(answer.status)])
    content = response["content"][answer.headers["content-type"]]
    if answer.headers["content-type"] == "application/json":
        schema = {"allOf": [content["schema"]], "components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema).validate(answer.json)
    for name, header in response["headers"].items():
        if name.lower() in answer.headers:
            value: str | float = answer.headers[name.lower()]
            kind = part(header)["schema"]
            jsonschema_rs.validator_for(kind).validate(float(value) if kind["type"] == "number" else value)
    if "x-model-sha" not in answer.headers:
        assert set(answer.json) == {"code", "type", "message"}, "this is TorchServe's own"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("encode", {"inputs": [*PAIR, 7]}),
        ("encode", {"inputs": PAIR, "encoding_format": "base64"}),
        ("paraphrase", {"inputs": PAIR, "n": 2}),
        ("paraphrase", {"inputs": PAIR[0], "return_scores": False}),
        ("decode", {"inputs": [LATENT, [1.0]]}),
        ("interpolate", {"inputs": [PAIR, ["only one"]], "num_steps": 3}),
        (EMBEDDINGS, {"input": PAIR}),
    ],
)
def test_200(server, path: str, body: object) -> None:
    answer = ask(server.port, path, body, {**JSON, "X-Request-Start": "t=1.5"})
    assert answer.status == 200
    assert {"x-model-sha", "x-compute-time-ms", "x-request-id"} <= set(answer.headers)
    check(path, answer)


def test_200_in_bytes(server) -> None:
    answer = ask(server.port, "encode", [PAIR[0], " "], {**JSON, "Accept": "application/octet-stream"})
    check("encode", answer)
    rows, columns = map(int, answer.headers["x-shape"].split(","))
    vectors = np.frombuffer(answer.body, dtype="<f4").reshape(rows, columns)
    assert np.isfinite(vectors[0]).all()
    assert np.isnan(vectors[1]).all()
    assert (answer.headers["x-failed"], answer.headers["x-error"]) == ("1", "empty_text")


@pytest.mark.parametrize("endpoint", ["encode", "sample"])
def test_200_of_readyz(server, endpoint: str) -> None:
    path = f"{endpoint}/1.0/readyz"
    answer = ask(server.port, path, b"", {}, "GET")
    assert (answer.status, answer.json["status"]) == (200, "ready")
    check(path, answer, "get")


def test_200_of_models(server) -> None:
    answer = ask(server.port, "encode/1.0/v1/models", b"", {}, "GET")
    assert (answer.status, [model["id"] for model in answer.json["data"]]) == (200, ["tiny"])
    check("encode/1.0/v1/models", answer, "get")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOO_DEAR = {"inputs": [PAIR] * 16, "num_steps": 128, "num_beams": 16}
TENSOR = {"inputs": [{"name": "text", "shape": [2], "datatype": "BYTES", "data": ["one"]}]}
REFUSED = {
    "JSON": ("encode", b"{", JSON, 400, "invalid_json"),
    "bytes": ("encode", b"\xff", {"Content-Type": "text/plain"}, 400, "not_utf8"),
    "model": (EMBEDDINGS, {"input": "food", "model": "gpt"}, JSON, 404, "model_not_found"),
    "size": ("encode", b"a" * (2**20 + 1), {"Content-Type": "text/plain"}, 413, "body_too_large"),
    "items": ("paraphrase", ["food"] * 65, JSON, 413, "too_many_items"),
    "tokens": ("interpolate", TOO_DEAR, JSON, 413, "too_many_tokens"),
    "form": ("decode", b"a=b", FORM, 415, "unsupported_media_type"),
    "field": ("sample", {"m": 3}, JSON, 422, "no_prior"),
    "type": ("decode", {"inputs": 3}, JSON, 422, "wrong_type"),
    "timeout": ("encode", PAIR, {**JSON, "X-Request-Timeout-Ms": "soon"}, 422, "wrong_type"),
    "late": ("encode", PAIR, {**JSON, "X-Request-Timeout-Ms": "0.001"}, 504, "deadline"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_worker_refuses(server, case: str) -> None:
    path, body, headers, status, code = REFUSED[case]
    answer = ask(server.port, path, body, headers)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    check(path, answer)


def test_the_open_inference_protocol_has_errors_of_its_own(server) -> None:
    answer = ask(server.port, "encode", TENSOR)
    assert answer.status == 422
    assert isinstance(answer.json["error"], str)
    check("encode", answer)


def test_what_one_request_may_cost_is_reported(server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port + 1, timeout=60)
    connection.request("GET", "/models/interpolate?customized=true")
    (version,) = json.loads(connection.getresponse().read())
    connection.close()
    limits = version["customizedMetadata"]["limits"]
    told = DOCUMENT["x-limits"]["interpolate"]
    assert {name: limits[name] for name in told} == told


def worker_of(script) -> int:
    """Return the process of the only worker."""
    (worker,) = (pid for pid, line in script.server_processes().items() if "model_service_worker" in line)
    return worker


def begin(port: int) -> http.client.HTTPConnection:
    """Send a request, and read nothing yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/predictions/paraphrase", PAIR[0].encode(), {"Content-Type": "text/plain"})
    return connection


def end(connection: http.client.HTTPConnection) -> Answer:
    """Read the answer to a request that was begun."""
    with closing(connection):
        return read(connection.getresponse())


def test_what_torchserve_says_by_itself(model_path: Path, start_in: Callable[..., Any]) -> None:
    script = start_in(model_path, "--endpoints", "paraphrase")
    script.wait_for("Ctrl-C stops the server")

    unknown = ask(script.port, "encode", PAIR)
    assert (unknown.status, unknown.json["type"]) == (404, "ModelNotFoundException")
    check("encode", unknown)

    worker = worker_of(script)
    os.kill(worker, signal.SIGSTOP)
    # A batch is with the worker; what comes after it waits, as long as there is room.
    waiting = [begin(script.port) for _ in range(QUEUE_LENGTH + 64)]
    refused = end(begin(script.port))
    os.kill(worker, signal.SIGCONT)
    statuses = [end(connection).status for connection in waiting]
    assert (refused.status, refused.json["type"]) == (503, "ServiceUnavailableException")
    check("paraphrase", refused)
    assert set(statuses) == {200, 503}
    assert QUEUE_LENGTH <= statuses.count(200) <= QUEUE_LENGTH + 33

    os.kill(worker, signal.SIGSTOP)
    connection = begin(script.port)
    time.sleep(0.5)  # until the worker has it
    os.kill(worker, signal.SIGKILL)
    died = end(connection)
    # Which of the two depends on what TorchServe sees first: the broken connection or the dead process.
    assert died.status in (500, 507)
    assert died.json == {"code": died.status, "type": "InternalServerException", "message": "Worker died."}
    check("paraphrase", died)
