"""The HTTP of the generator, over real sockets."""

import socket
import time

import pytest
from generator.connections import Connections, address_of, reply_size
from generator.stand import headers_of

from resay.errors import SettingsError

REQUEST = b"POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def connect():
    opened = []

    def make(url):
        opened.append(Connections(url))
        return opened[-1]

    yield make
    for connections in opened:
        connections.close()


def answers_to(connections, num_answers):
    found = []
    deadline = time.monotonic() + 20
    while len(found) < num_answers:
        assert time.monotonic() < deadline, found
        found += connections.poll(0.1)
    return found


def test_replies_belong_to_their_requests_and_connections_are_used_again(socket_server, connect, reply_bytes):
    server = socket_server(lambda body: reply_bytes(body * 3))
    connections = connect(server.url)
    for turn in range(3):
        sent = {}
        for number in range(20):
            body = f"{turn}-{number}".encode()
            request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            sent[connections.send(request)] = body * 3
        got = {answer.ticket: answer.body for answer in answers_to(connections, 20)}
        assert got == sent
    assert server.num_connections == 20


def test_status_headers_and_large_bodies(socket_server, connect, reply_bytes):
    body = bytes(range(256)) * 8000  # eight times the buffer
    server = socket_server(lambda _: reply_bytes(body, 503, "X-Shape: 3,4"))
    connections = connect(server.url)
    connections.send(REQUEST)
    (answer,) = answers_to(connections, 1)
    assert (answer.status, answer.failure) == (503, "")
    assert answer.body == body
    assert headers_of(answer)["x-shape"] == "3,4"


def test_large_requests_are_sent_in_parts(socket_server, connect, reply_bytes):
    server = socket_server(lambda body: reply_bytes(str(len(body)).encode()))
    connections = connect(server.url)
    body = b"x" * 8_000_000
    connections.send(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert answers_to(connections, 1)[0].body == b"8000000"


def test_a_reply_that_closes_the_connection_is_followed_by_a_new_one(socket_server, connect, reply_bytes):
    server = socket_server(lambda _: reply_bytes(b"ok", 200, "Connection: close"))
    connections = connect(server.url)
    for _ in range(2):
        connections.send(REQUEST)
        assert answers_to(connections, 1)[0].body == b"ok"
    assert server.num_connections == 2


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (None, "connection closed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "reply without content-length"),
    ],
)
def test_broken_replies_are_failures(socket_server, connect, reply, failure):
    connections = connect(socket_server(lambda _: reply).url)
    connections.send(REQUEST)
    (answer,) = answers_to(connections, 1)
    assert (answer.status, answer.failure) == (0, failure)


def test_a_refused_connection_is_a_failure(connect):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    connections = connect(f"http://127.0.0.1:{port}")
    ticket = connections.send(REQUEST)
    (answer,) = answers_to(connections, 1)
    assert (answer.ticket, answer.failure) == (ticket, "connection refused")


def test_a_cancelled_request_is_never_answered(socket_server, connect, reply_bytes):
    server = socket_server(lambda body: time.sleep(0.2) or reply_bytes(body))
    connections = connect(server.url)
    connections.cancel(connections.send(REQUEST))
    kept = connections.send(REQUEST)
    assert [answer.ticket for answer in answers_to(connections, 1)] == [kept]


def test_the_size_of_a_reply_is_known_with_its_head():
    assert reply_size(bytearray(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n")) == 0
    head = b"HTTP/1.1 200 OK\r\nA: b\r\nCONTENT-LENGTH: 3\r\n\r\n"
    assert reply_size(bytearray(head)) == len(head) + 3


@pytest.mark.parametrize("url", ["https://127.0.0.1", "127.0.0.1:8080", "http://"])
def test_other_addresses_are_refused(url):
    with pytest.raises(SettingsError, match="plain HTTP"):
        address_of(url)
