"""Every form in which something says no: ours, TorchServe's, OpenAI's, and what proxies say."""

import httpx
import pytest

from resay.client import ClientError, ReplyError, RequestRefused
from resay.errors import RequestError, ResayError

OURS = {"error": {"code": "unknown_field", "message": "field must be one of: inputs", "path": "colour"}}
TORCHSERVE = {"code": 404, "type": "ModelNotFoundException", "message": "Model not found: encode"}
TOKEN = {"code": 400, "type": "InvalidKeyException", "message": "Token Authorization failed."}
OPENAI = {"error": {"message": "no such model", "type": "invalid_request_error", "param": "model", "code": None}}


def refused(connect, fake, response):
    fake.planned = [response]
    with pytest.raises(RequestRefused) as caught:
        connect(max_retries=0)("encode", "one")
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "code", "message", "path"),
    [
        (422, OURS, "unknown_field", "field must be one of: inputs", "colour"),
        (404, TORCHSERVE, "ModelNotFoundException", "Model not found: encode", ""),
        (400, TOKEN, "InvalidKeyException", "Token Authorization failed.", ""),
        (404, OPENAI, "http_404", "no such model", ""),
        (400, {"message": "short"}, "http_400", "short", ""),
        (400, {"error": "just words"}, "http_400", 'the server said \'{"error":"just words"}\'', ""),
        (400, ["a", "list"], "http_400", 'the server said \'["a","list"]\'', ""),
        (400, 5, "http_400", "the server said '5'", ""),
    ],
)
def test_a_refusal_in_json_is_read(connect, fake, status, body, code, message, path):
    error = refused(connect, fake, httpx.Response(status, json=body))
    assert (error.status, error.code, error.message, error.path) == (status, code, message, path)
    for part in (str(status), code, message, path, "http://127.0.0.1:8080/predictions/encode"):
        assert part in str(error)


def test_a_refusal_without_json_is_shown(connect, fake):
    page = f"<html>\n <body>  Bad Request {'!' * 999}</body></html>"
    error = refused(connect, fake, httpx.Response(400, html=page))
    assert error.code == "http_400"
    assert error.message.startswith("the server said '<html> <body> Bad Request !!!")
    assert len(error.message) < 250


def test_a_refusal_that_is_no_utf8_is_shown(connect, fake):
    assert "\ufffd" in refused(connect, fake, httpx.Response(500, content=b"\xff\xfe")).message


@pytest.mark.parametrize(
    ("status", "phrase"), [(400, "Bad Request"), (503, "Service Unavailable"), (599, "a status of its own")]
)
def test_a_refusal_without_a_word_has_its_status(connect, fake, status, phrase):
    error = refused(connect, fake, httpx.Response(status))
    assert (error.status, error.code) == (status, f"http_{status}")
    assert phrase in error.message


def test_being_sent_on_names_the_new_address(connect, fake):
    error = refused(connect, fake, httpx.Response(308, headers={"Location": "https://other.example/encode"}))
    assert "https://other.example/encode; give that as base_url" in error.message


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "check api_key"),
        (403, "check api_key"),
        (404, 'routes must be "torchserve" or "edge"'),
        (429, "max_connections"),
    ],
)
def test_a_refusal_says_what_to_do(connect, fake, status, advice):
    assert advice in str(refused(connect, fake, httpx.Response(status)))


def test_a_refusal_has_the_id_by_which_the_log_calls_it(connect, fake):
    response = httpx.Response(500, json=OURS, headers={"X-Request-Id": "abc-1"})
    assert refused(connect, fake, response).request_id == "abc-1"
    assert refused(connect, fake, httpx.Response(500)).request_id == ""


def test_a_refusal_is_one_of_the_errors_of_resay(connect, fake):
    error = refused(connect, fake, httpx.Response(422, json=OURS))
    assert isinstance(error, ClientError)
    assert isinstance(error, RequestError)
    assert isinstance(error, ResayError)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"content-type": "application/json"}, b"not json"),
        ({"content-type": "application/json"}, b"[]"),
        ({"content-type": "application/json"}, b"{}"),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": []}'),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": [{"index": 1}]}'),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": [{"index": 0}, {"index": 0}]}'),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": [5]}'),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": [{"index": 0, "embedding": "AAA"}]}'),
        ({"content-type": "application/json"}, b'{"dimensions": 1, "data": [{"index": 0, "error": "no"}]}'),
        ({"content-type": "text/html"}, b"<html>Welcome</html>"),
        ({}, b""),
        ({"content-type": "application/octet-stream"}, b"\0\0\0\0"),
        ({"content-type": "application/octet-stream", "x-shape": "2,1"}, bytes(8)),
        ({"content-type": "application/octet-stream", "x-shape": "1,2"}, bytes(4)),
        ({"content-type": "application/octet-stream", "x-shape": "1,1"}, bytes(5)),
        ({"content-type": "application/octet-stream", "x-shape": "1"}, bytes(4)),
        ({"content-type": "application/octet-stream", "x-shape": "1,-1"}, bytes(5)),
        ({"content-type": "application/octet-stream", "x-shape": "1,1", "x-failed": "1"}, bytes(4)),
        ({"content-type": "application/octet-stream", "x-shape": "1,1", "x-failed": "a"}, bytes(4)),
    ],
)
def test_what_is_no_answer_of_this_api_is_an_error(connect, fake, headers, content):
    fake.planned = [httpx.Response(200, headers=headers, content=content)]
    with pytest.raises(ReplyError, match="base_url"):
        connect()("encode", "one")


def test_vectors_of_unequal_sizes_are_an_error(connect, fake):
    items = fake.items(["one", "two"])
    items[1]["embedding"] = [1.0]
    fake.planned = [httpx.Response(200, json={"dimensions": 4, "data": items})]
    with pytest.raises(ReplyError, match="1 components, and others of 4"):
        connect()("encode", ["one", "two"])
