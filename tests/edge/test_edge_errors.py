"""Whoever says it, nginx, TorchServe or a worker: an error has one form, and the right status on the wire."""

import http.client
import json
import re
import socket
from pathlib import Path

import pytest

EDGE_FOLDER = Path(__file__).parents[2] / "serving" / "edge"
JSON = {"Content-Type": "application/json"}


def fake(**wanted) -> dict[str, str]:
    return {"X-Fake": json.dumps(wanted)}


@pytest.mark.parametrize(
    ("said", "status", "code", "retry_after"),
    [
        (400, 400, "bad_request", None),
        (404, 404, "not_found", None),
        (405, 405, "method_not_allowed", None),
        (409, 409, "bad_request", None),
        (413, 413, "body_too_large", None),
        (500, 500, "internal_error", None),
        (501, 501, "internal_error", None),
        (502, 503, "unavailable", "1"),
        (503, 429, "overloaded", "1"),
        (504, 504, "deadline", None),
        (507, 503, "unavailable", "1"),
    ],
)
def test_what_the_front_end_says_gets_our_form(edge, said, status, code, retry_after) -> None:
    reply = edge.ask("/encode", headers=fake(status=said))
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (status, code, retry_after)
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert b"SomeException" not in reply.body


@pytest.mark.parametrize("said", [400, 404, 413, 415, 422, 500, 504])
def test_what_a_worker_says_passes_unchanged(edge, said) -> None:
    reply = edge.ask("/encode", headers=fake(status=said, worker=True))
    assert (reply.status, reply.code) == (said, "of_worker")
    assert json.loads(reply.body)["error"]["path"] == "inputs[3]"
    assert reply.headers["x-model-sha"] == "0123456789ab"


def test_a_worker_that_is_not_ready_is_not_taken_for_a_full_queue(edge) -> None:
    reply = edge.ask("/encode", headers=fake(status=503, worker=True))
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "not_ready", "1")


def test_a_good_reply_passes_as_it_is(edge) -> None:
    reply = edge.ask("/encode", headers=fake(worker=True))
    assert reply.status == 200
    assert json.loads(reply.body)["message"] == "said by first"


def test_a_reply_of_many_pieces_passes_as_it_is(edge, upstream) -> None:
    name, upstream.name = upstream.name, "x" * 3_000_000
    try:
        reply = edge.ask("/encode")
    finally:
        upstream.name = name
    assert json.loads(reply.body)["message"] == f"said by {'x' * 3_000_000}"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/nothing", "POST"),
        ("/sample", "POST"),  # an endpoint that is not served here
        ("/predictions/sample", "POST"),
        ("/predictions/encode/1.0", "POST"),
        ("/predictions/encode/1.0/readyz", "GET"),
        ("/predictions", "POST"),
        ("/encode/", "POST"),
        ("/encode/1.0", "POST"),
        ("/models", "GET"),
        ("/models/encode?customized=true", "GET"),
        ("/v2/repository/index", "POST"),
        ("/workflows", "POST"),
        ("/metrics", "GET"),
        ("/ping", "GET"),
        ("/api-description", "GET"),
        ("/invocations", "POST"),
        ("/explanations/encode", "POST"),
        ("/probe/encode", "GET"),
        ("/probe/front-end", "GET"),
        ("/errors/overloaded", "GET"),
        ("/.%2e/predictions/sample", "POST"),
    ],
)
def test_nothing_else_is_reachable(edge, upstream, path, method) -> None:
    num_received = len(upstream.received)
    reply = edge.ask(path, method=method)
    assert (reply.status, reply.code) in [(404, "not_found"), (400, "bad_request")]
    assert len(upstream.received) == num_received


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/encode", "GET", "POST"),
        ("/encode", "OPTIONS", "POST"),
        ("/predictions/paraphrase", "DELETE", "POST"),
        ("/v1/embeddings", "GET", "POST"),
        ("/v1/models", "POST", "GET, HEAD"),
        ("/readyz", "POST", "GET, HEAD"),
        ("/livez", "DELETE", "GET, HEAD"),
        ("/encode", "TRACE", None),
    ],
)
def test_another_method_is_refused(edge, path, method, allowed) -> None:
    reply = edge.ask(path, method=method)
    assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "method_not_allowed", allowed)


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "Multipart/Form-Data; boundary=x", "\tapplication/x-www-form-urlencoded"],
)
def test_a_form_is_refused_before_torchserve_takes_it_apart(edge, upstream, kind) -> None:
    num_received = len(upstream.received)
    reply = edge.ask("/encode", headers={"Content-Type": kind}, body=b"share=100%zz")
    assert (reply.status, reply.code) == (415, "unsupported_media_type")
    assert len(upstream.received) == num_received


def test_a_body_is_taken_up_to_its_limit(edge, upstream) -> None:
    most = 1048576
    assert edge.ask("/encode", body=b"a" * most).status == 200
    assert len(upstream.received[-1].body) == most
    reply = edge.ask("/encode", body=b"a" * (most + 1))
    assert (reply.status, reply.code) == (413, "body_too_large")


def test_a_body_of_unknown_length_is_held_to_the_same_limit(edge, upstream) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)
    connection.request("POST", "/encode", iter([b"a" * 1000, b"b"]), JSON, encode_chunked=True)
    assert connection.getresponse().read()
    assert upstream.received[-1].body == b"a" * 1000 + b"b"
    connection.request("POST", "/encode", iter([b"a" * 600_000] * 2), JSON, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read())["error"]["code"] == "body_too_large"
    connection.close()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"garbage\r\n\r\n", 400, "bad_request"),
        (b"POST /encode HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"GET /../x HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"POST /encode HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "bad_request"),
        (b"POST /encode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "bad_request"),
        (b"POST /encode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad_request"),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", 431, "header_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 3_100 + b"\r\n\r\n", 431, "header_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 7_000 + b"\r\nY: " + b"a" * 7_000, 431, "header_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + 3 * (b"X: " + b"a" * 2_700 + b"\r\n"), 431, "header_too_large"),
        (b"GET /" + b"a" * 3_100 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
    ],
)
def test_what_is_no_request_is_refused(edge, raw, status, code) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as connection:
        connection.sendall(raw)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == status
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(response.read())["error"]["code"] == code


def test_headers_that_are_let_through_are_fewer_than_torchserve_takes(edge, upstream) -> None:
    for num_bytes in range(1000, 8000, 100):
        headers = {f"X-{place}": "a" * 950 for place in range(num_bytes // 1000)} | {"X-Rest": "a" * (num_bytes % 1000)}
        if edge.ask("/encode", headers=headers).status == 431:
            break
        received = sum(len(name) + len(value) + 4 for name, value in upstream.received[-1].headers.items())
        assert received < 8192
    assert num_bytes > 5000


def test_a_server_that_does_not_answer_in_time_is_given_up_and_not_asked_again(edge, upstream) -> None:
    num_received = len(upstream.received)
    reply = edge.ask("/paraphrase", headers=fake(wait=True))
    upstream.release.set()
    assert (reply.status, reply.code) == (504, "deadline")
    assert len(upstream.received) == num_received + 1


def test_a_connection_that_breaks_is_not_tried_again(edge, upstream) -> None:
    edge.ask("/encode")  # whose reply has closed its connection
    num_received = len(upstream.received)
    reply = edge.ask("/paraphrase", headers=fake(drop=True))
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "unavailable", "1")
    assert len(upstream.received) == num_received + 1


def test_connections_are_kept(edge, upstream) -> None:
    for _ in range(3):
        assert edge.ask("/encode", headers=fake(keep=True)).status == 200
    assert len({request.connection for request in upstream.received[-3:]}) == 1
    edge.ask("/encode")


def test_a_kept_connection_that_was_closed_is_replaced_by_a_new_one(edge, upstream) -> None:
    assert edge.ask("/encode", headers=fake(stale=True)).status == 200
    num_received = len(upstream.received)
    assert edge.ask("/encode").status == 200
    first, second = upstream.received[num_received:]
    assert first.connection != second.connection


def test_every_error_that_can_be_led_to_is_known() -> None:
    script = (EDGE_FOLDER / "edge.js").read_text()
    table = script[script.index("const ERRORS") : script.index("};")]
    known = set(re.findall(r"^    (\w+): \{", table, re.MULTILINE))
    led_to = set()
    for name in ("nginx.conf", "route.conf"):
        led_to |= set(re.findall(r"= /errors/(\w+);", (EDGE_FOLDER / name).read_text()))
    assert len(led_to) > 10
    assert led_to <= known
