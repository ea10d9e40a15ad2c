"""What a running server answers: a sensible 2xx or 4xx in JSON to everything, and it goes on serving."""

import json
import math
import socket
from typing import Any

import pytest

from resay.torchserve.endpoints import DEFAULT_ENDPOINTS
from resay.torchserve.http_client import Reply, send

JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EMBEDDING_SIZE = 16
LATENT_SIZE = 32
BOTH = pytest.mark.parametrize("endpoint", ["encode", "paraphrase"])
EVERY = pytest.mark.parametrize("endpoint", list(DEFAULT_ENDPOINTS))


ALIVE = {
    "decode": (200, {"inputs": [0.5] * LATENT_SIZE}),
    "interpolate": (200, {"inputs": ["The food was very good.", "The bed was so clean."], "num_steps": 2}),
    "sample": (422, {}),  # the model has no prior
}
"""What is answered as long as the server serves."""


class Client:
    """Sends requests to one server, and looks at what holds for every reply."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(
        self,
        endpoint: str,
        body: bytes | str,
        headers: dict[str, str] = JSON,
        *,
        method: str = "POST",
        tail: str = "",
    ) -> Reply:
        data = body.encode() if isinstance(body, str) else body
        url = f"{self.url}/predictions/{endpoint}{tail}"
        reply = send(method, url, body=data, headers=headers, timeout_s=60.0)
        assert 200 <= reply.status < 500, reply
        assert b"<unk>" not in reply.body
        return reply

    def ask(self, endpoint: str, body: bytes | str, headers: dict[str, str] = JSON) -> dict[str, Any]:
        reply = self.send(endpoint, body, headers)
        assert reply.status == 200, reply
        return json.loads(reply.body)

    def refusal(
        self, endpoint: str, body: bytes | str, headers: dict[str, str] = JSON, *, method: str = "POST"
    ) -> tuple[int, str, str]:
        """Return status, code and message of an error, and make sure that the server still serves."""
        reply = self.send(endpoint, body, headers, method=method)
        assert reply.status >= 400, reply
        error = json.loads(reply.body)["error"]
        assert set(error) == {"code", "message", "path"}
        assert len(error["message"]) > 10
        self.check_alive(endpoint)
        return reply.status, error["code"], error["message"]

    def check_alive(self, endpoint: str) -> None:
        if endpoint in ALIVE:
            status, body = ALIVE[endpoint]
            assert self.send(endpoint, json.dumps(body)).status == status
        else:
            check_items(endpoint, self.ask(endpoint, "The food was very good.", TEXT), 1)


@pytest.fixture
def client(server) -> Client:
    return Client(server.url)


def check_items(endpoint: str, reply: dict[str, Any], num_items: int) -> None:
    """Every item is there, in order and right."""
    assert reply["model"] == "tiny"
    assert [item["index"] for item in reply["data"]] == list(range(num_items))
    for item in reply["data"]:
        if endpoint == "encode":
            assert len(item["embedding"]) == reply["dimensions"] == EMBEDDING_SIZE
            assert math.isclose(math.hypot(*item["embedding"]), 1, abs_tol=1e-5)
        else:
            texts = [candidate["text"] for candidate in item["candidates"]]
            assert texts
            assert len(set(texts)) == len(texts)


SENTENCE = "The food was really slow."


@BOTH
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (SENTENCE, TEXT),
        (SENTENCE, {}),
        (SENTENCE, {"Content-Type": "text/plain; charset=utf-8"}),
        (json.dumps(SENTENCE), JSON),
        (json.dumps([SENTENCE]), JSON),
        (json.dumps([SENTENCE]), {}),
        (json.dumps({"inputs": SENTENCE}), JSON),
        (json.dumps({"inputs": [SENTENCE]}), {"content-type": "application/json; charset=utf-8"}),
    ],
)
def test_a_sentence_is_taken_in_every_form(client: Client, endpoint: str, body: str, headers: dict[str, str]) -> None:
    check_items(endpoint, client.ask(endpoint, body, headers), 1)


@BOTH
def test_a_list_of_64_sentences_is_answered_in_order(client: Client, endpoint: str) -> None:
    texts = ["The food was very good.", "The bed was so clean."] * 32
    reply = client.ask(endpoint, json.dumps(texts))
    check_items(endpoint, reply, 64)
    first, second = ({**item, "index": None} for item in reply["data"][:2])
    assert first != second
    if endpoint == "paraphrase":
        candidates = [[c["text"] for c in item["candidates"]] for item in reply["data"]]
        assert candidates == candidates[:2] * 32


@BOTH
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_without_a_body_is_refused(client: Client, endpoint: str, method: str) -> None:
    # TorchServe hands every method over to the handler without saying which it was.
    status, code, _ = client.refusal(endpoint, b"", {}, method=method)
    assert (status, code) == (422, "empty_text")


@BOTH
@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "hint"),
    [
        ("[]", JSON, 422, "no_inputs", "at least one text"),
        ('{"inputs": []}', JSON, 422, "no_inputs", "at least one text"),
        ("5", JSON, 422, "wrong_type", "number"),
        ("null", JSON, 422, "wrong_type", "null"),
        ('{"inputs": ', JSON, 400, "invalid_json", "column 12"),
        ("", JSON, 400, "invalid_json", "empty"),
        (b'{"inputs": "a\0b"}', JSON, 400, "invalid_json", "control character"),
        ('{"inputs": "a", "colour": 1}', JSON, 422, "unknown_field", "colour"),
        (b"caf\xe9", TEXT, 400, "not_utf8", "UTF-8"),
        (b"\x1f\x8b\x08\x00", {**JSON, "Content-Encoding": "gzip"}, 400, "not_utf8", "UTF-8"),
        ("\0", TEXT, 422, "empty_text", "at least one word"),
        ("  ", TEXT, 422, "empty_text", "at least one word"),
        (json.dumps("food " * 400_000), JSON, 413, "body_too_large", "smaller requests"),
        ("food " * 400_000, TEXT, 413, "body_too_large", "smaller requests"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(
    client: Client,
    endpoint: str,
    body: bytes | str,
    headers: dict[str, str],
    status: int,
    code: str,
    hint: str,
) -> None:
    given, named, message = client.refusal(endpoint, body, headers)
    assert (given, named) == (status, code)
    assert hint in message


@BOTH
@pytest.mark.parametrize(
    "text", ["good food " * 250, "zyx qwv blorp", "食物非常好。", "😀👍🏽", "a\0b", "The food was\0 good."]
)
@pytest.mark.parametrize("as_json", [True, False])
def test_unusual_text_is_answered_or_refused_by_name(client: Client, endpoint: str, text: str, as_json: bool) -> None:
    body, headers = (json.dumps({"inputs": text}), JSON) if as_json else (text, TEXT)
    reply = client.send(endpoint, body, headers)
    if reply.status == 200:
        check_items(endpoint, json.loads(reply.body), 1)
    else:
        assert json.loads(reply.body)["error"]["code"] in {"too_long", "no_known_words", "empty_text"}
    client.check_alive(endpoint)


def test_an_embedding_says_what_it_left_out(client: Client) -> None:
    (item,) = client.ask("encode", json.dumps("good food " * 250))["data"]
    assert item["truncated"] is True
    (item,) = client.ask("encode", json.dumps("zyx qwv blorp"))["data"]
    assert item["num_unknown"] == 3


@BOTH
def test_a_bad_item_fails_no_other(client: Client, endpoint: str) -> None:
    reply = client.ask(endpoint, json.dumps([SENTENCE, 7, " ", SENTENCE]))
    errors = {item["index"]: item["error"]["code"] for item in reply["data"] if "error" in item}
    assert errors == {1: "wrong_type", 2: "empty_text"}
    assert {item["index"] for item in reply["data"]} == {0, 1, 2, 3}


@EVERY
@pytest.mark.parametrize("body", [SENTENCE, '{"inputs": "The food"}', "inputs=The food", ""])
def test_a_form_is_refused_with_the_way_out(client: Client, endpoint: str, body: str) -> None:
    # `curl -d` without a header sends one. TorchServe parses it and drops what has no "=".
    status, code, message = client.refusal(endpoint, body, FORM)
    assert (status, code) == (415, "unsupported_media_type")
    assert "Content-Type: application/json" in message


@EVERY
def test_a_multipart_form_is_refused_with_the_way_out(client: Client, endpoint: str) -> None:
    body = '--x\r\nContent-Disposition: form-data; name="describe"\r\n\r\nTrue\r\n--x--\r\n'
    status, code, _ = client.refusal(endpoint, body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert (status, code) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/predictions/nothing", 404, "ModelNotFoundException"),
        ("/predictions/encode/9.9", 404, "ModelVersionNotFoundException"),
        ("/predictions", 404, "ResourceNotFoundException"),
        ("/nothing", 404, "ResourceNotFoundException"),
        ("/models", 404, "ResourceNotFoundException"),
        ("/", 405, "MethodNotAllowedException"),
    ],
)
def test_torchserve_itself_refuses_an_unknown_path_in_json(client: Client, path: str, status: int, kind: str) -> None:
    reply = send("POST", client.url + path, body=b"x", headers=TEXT)
    assert reply.status == status
    assert json.loads(reply.body)["type"] == kind


def test_torchserve_itself_refuses_a_body_over_8_mib_without_a_word(client: Client) -> None:
    reply = client.send("encode", b"a" * (8 * 2**20 + 1), TEXT)
    assert reply.status == 413
    assert reply.body == b""
    client.check_alive("encode")


def test_torchserve_itself_fails_on_a_broken_escape_in_a_form(client: Client) -> None:
    # Its front end's own 500: the handler never sees the request. Only a proxy in front can prevent it.
    reply = send("POST", f"{client.url}/predictions/encode", body=b"share=100%zz", headers=FORM)
    assert reply.status == 500
    assert json.loads(reply.body)["type"] == "ErrorDataDecoderException"
    client.check_alive("encode")


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"POST /predictions/encode HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"POST /predictions/encode/1.0/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx",
    ],
    ids=["no HTTP", "long header", "broken path"],
)
def test_torchserve_itself_refuses_what_is_no_request(client: Client, server, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(raw)
        status_line = connection.makefile("rb").readline().decode()
    assert 400 <= int(status_line.split()[1]) < 500
    client.check_alive("encode")


def test_a_model_can_be_neither_registered_nor_removed(server) -> None:
    registered = send("POST", f"{server.management_url}/models?url=encode.mar")
    assert registered.status == 405
    assert send("DELETE", f"{server.management_url}/models/encode").status == 405


@EVERY
def test_the_management_api_describes_the_service(server, endpoint: str) -> None:
    reply = send("GET", f"{server.management_url}/models/{endpoint}?customized=true")
    (version,) = json.loads(reply.body)
    assert version["modelVersion"] == "1.0"
    assert version["batchSize"] == 32
    assert version["maxBatchDelay"] == 1
    assert version["customizedMetadata"]["service"] == endpoint
    # A third of what TorchServe waits for a worker.
    assert version["responseTimeout"] == 3 * version["customizedMetadata"]["limits"]["time_limit_seconds"] == 60


def test_a_tail_of_the_path_is_let_through(client: Client) -> None:
    reply = client.send("encode", json.dumps({"inputs": SENTENCE}), tail="/1.0/any/tail")
    assert reply.status == 200


def test_metrics_count_the_requests(client: Client, server) -> None:
    client.check_alive("encode")
    reply = send("GET", f"http://127.0.0.1:{server.port + 2}/metrics")
    assert reply.status == 200
    assert b'ts_inference_requests_total{model_name="encode"' in reply.body
