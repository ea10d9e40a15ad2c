"""Everybody may ask about health, and nobody can change what the next one is told."""

import contextlib
import socket
import time
from http.client import HTTPResponse
from pathlib import Path

import pytest

HOSTILE = {
    "describe": "True",
    "Content-Type": "application/x-www-form-urlencoded",
    "Host": "elsewhere.example",
    "Cookie": "c" * 2000,
    "X-Anything": "x" * 2500,
    "X-Forwarded-For": "10.0.0.1",
    "X-Request-Id": "chosen",
    "X-Request-Timeout-Ms": "0.001",
    "X-Fake": '{"drop": true}',
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
PASSED_ON = {"host", "x-request-id", "x-request-start"}


def ask_hostile(edge, path: str) -> int:
    return int(edge.ask(path, method="GET", headers=HOSTILE, body=b"a").status)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_nothing_of_the_caller_reaches_the_server(edge, upstream, eventually, path) -> None:
    num_received = len(upstream.received)
    # Until it is asked anew, and not answered from the cache.
    eventually(lambda: ask_hostile(edge, path) != 200 or len(upstream.received) > num_received)
    received = upstream.received[num_received:]
    assert received
    for request in received:
        assert set(request.headers) == PASSED_ON
        assert (request.headers["host"], request.method, request.body) == ("localhost", "GET", b"")
        assert request.headers["x-request-id"] != "chosen"
    assert edge.ask(path, method="GET", body=None).status == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=%", 413),
        ({"X-One": "a" * 5000, "X-Two": "a" * 5000}, None, 431),
        ({"Content-Type": "text/plain"}, b"a" * 200_000, 413),
    ],
    ids=["form", "headers", "body"],
)
def test_what_is_refused_spoils_nothing_for_the_next(edge, upstream, path, headers, body, status) -> None:
    num_received = len(upstream.received)
    assert edge.ask(path, method="GET", headers=headers, body=body).status == status
    assert len(upstream.received) == num_received
    assert edge.ask(path, method="GET", body=None).status == 200


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("GET /readyz", 413),
        ("GET /livez", 413),
        ("POST /nothing", 404),
        ("GET /encode", 405),
        ("POST /encode", 415),
    ],
)
@pytest.mark.parametrize("length", ["told", "not told"])
def test_no_body_that_is_refused_is_waited_for_or_written_to_a_disk(edge, start, status, length) -> None:
    body = b"hush" * 50_000
    # One byte never comes.
    framing = [f"Content-Length: {len(body) + 1}"] if length == "told" else ["Transfer-Encoding: chunked"]
    head = [f"{start} HTTP/1.1", "Host: x", "Content-Type: multipart/form-data; boundary=x", *framing, "", ""]
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode())
        connection.sendall(body if length == "told" else f"{len(body) + 1:x}\r\n".encode() + body)
        time.sleep(0.05)
        assert open_files_below(edge.run / "tmp") == []
        with HTTPResponse(connection) as response:
            response.begin()
            assert response.status == status


def open_files_below(folder: Path) -> list[str]:
    """Return what processes have open there: nginx deletes a temporary file as soon as it has opened it."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            found.append(str(link.readlink()))
    return [name for name in found if name.startswith(f"{folder}/")]
