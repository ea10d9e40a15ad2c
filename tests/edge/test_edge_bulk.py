"""Large requests for encode have a queue of their own behind the edge, where there is one."""

import http.client
import json
from collections.abc import Callable

import pytest

LIMIT = 300
LANES = ("encode", "encode_bulk")


@pytest.fixture(scope="module")
def two_way_edge(start_edge, upstream):
    plain = ("--no-tls", "--host", "127.0.0.1", "--backend", upstream.url)
    return start_edge(*plain, "--endpoints", *LANES, "paraphrase", "--bulk-bytes", str(LIMIT))


@pytest.fixture
def target_of(two_way_edge, upstream) -> Callable[..., str]:
    """Send a body, and return where it went."""

    def send(path: str, body: bytes, **options) -> str:
        assert two_way_edge.ask(path, body=body, **options).status == 200
        assert upstream.received[-1].body == body
        return upstream.received[-1].path

    return send


@pytest.mark.parametrize(
    ("path", "short", "long"),
    [
        ("/encode", "/predictions/encode", "/predictions/encode_bulk"),
        ("/predictions/encode", "/predictions/encode", "/predictions/encode_bulk"),
        ("/encode?a=b", "/predictions/encode", "/predictions/encode_bulk"),
        ("/v1/embeddings", "/predictions/encode/1.0/v1/embeddings", "/predictions/encode_bulk/1.0/v1/embeddings"),
        ("/paraphrase", "/predictions/paraphrase", "/predictions/paraphrase"),
    ],
)
def test_a_bodys_length_decides(target_of, path, short, long) -> None:
    assert target_of(path, b"") == short
    assert target_of(path, b"a" * (LIMIT - 1)) == short
    assert target_of(path, b"a" * LIMIT) == long
    assert target_of(path, b"a" * 500_000) == long


def test_a_length_that_is_not_told_counts_as_long(two_way_edge, upstream) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", two_way_edge.port, timeout=30)
    for path, target in [
        ("/encode", "/predictions/encode_bulk"),
        ("/v1/embeddings", "/predictions/encode_bulk/1.0/v1/embeddings"),
        ("/paraphrase", "/predictions/paraphrase"),
    ]:
        connection.request("POST", path, iter([b"a", b"b"]), {"Content-Type": "text/plain"}, encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
        assert (upstream.received[-1].path, upstream.received[-1].body) == (target, b"ab")
    connection.close()


def test_what_has_no_body_goes_the_way_of_short_ones(two_way_edge, upstream) -> None:
    assert two_way_edge.ask("/v1/models", method="GET", body=None).status == 200
    assert upstream.received[-1].path == "/predictions/encode/1.0/v1/models"


def test_its_errors_get_our_form_too(two_way_edge) -> None:
    for status, told in [(503, (429, "overloaded")), (507, (503, "unavailable")), (500, (500, "internal_error"))]:
        reply = two_way_edge.ask("/encode", body=b"a" * LIMIT, headers={"X-Fake": json.dumps({"status": status})})
        assert (reply.status, reply.code) == told
    reply = two_way_edge.ask("/encode", body=b"a" * 1_048_577)
    assert (reply.status, reply.code) == (413, "body_too_large")


def test_connections_to_the_server_are_kept_all_the_same(two_way_edge, upstream) -> None:
    for body in (b"a", b"a" * LIMIT, b"a"):
        assert two_way_edge.ask("/encode", body=body, headers={"X-Fake": json.dumps({"keep": True})}).status == 200
    assert len({request.connection for request in upstream.received[-3:]}) == 1


def test_nobody_else_chooses_the_way(two_way_edge, upstream) -> None:
    num_received = len(upstream.received)
    for path in ("/encode_bulk", "/predictions/encode_bulk", "/predictions/encode_bulk/1.0/v1/embeddings"):
        assert two_way_edge.ask(path).code == "not_found"
    assert len(upstream.received) == num_received


def test_both_have_to_be_ready(two_way_edge, upstream, eventually) -> None:
    upstream.ready = 503
    reply = two_way_edge.ask("/readyz", method="GET")
    upstream.ready = 200
    assert reply.code == "not_ready"
    assert b"not ready: encode, encode_bulk, paraphrase" in reply.body
    assert {f"/predictions/{name}/1.0/readyz" for name in LANES} <= {request.path for request in upstream.received}
    eventually(lambda: two_way_edge.ask("/readyz", method="GET").status == 200)
