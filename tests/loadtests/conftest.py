"""Servers that answer by the rules: one in virtual time, and one of real sockets."""

import heapq
import json
import math
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import orjson
import pytest

LOADTESTS = Path(__file__).parents[2] / "loadtests"
sys.path.insert(0, str(LOADTESTS))  # as it is for the scripts in there

from generator.calls import draw_calls  # noqa: E402
from generator.connections import Answer  # noqa: E402
from generator.stand import Stand  # noqa: E402
from traffic.kinds import KINDS, USERS  # noqa: E402
from traffic.texts import read_texts  # noqa: E402

URL = "http://server"
NUM_DIMENSIONS = 8


def embedding_of(text: str) -> list[float]:
    """Return some vector of length 1, another one for each text."""
    vector = np.random.default_rng(sum(text.encode())).normal(size=NUM_DIMENSIONS).astype(np.float32)
    return (vector / np.linalg.norm(vector)).tolist()


def encode(body: bytes) -> bytes:
    """Answer as /predictions/encode does."""
    inputs = orjson.loads(body)["inputs"]
    texts = [inputs] if isinstance(inputs, str) else inputs
    data = [{"index": index, "embedding": embedding_of(text)} for index, text in enumerate(texts)]
    return orjson.dumps({"model": "made-up", "dimensions": NUM_DIMENSIONS, "data": data})


class VirtualServer:
    """One worker that takes a known time for each request, first come, first served, in time that jumps.

    It is clock and transport at once: `poll` moves the clock to the next answer, or to the end of the wait.
    """

    def __init__(self, service_s: float, stall: tuple[float, float] = (math.inf, math.inf)) -> None:
        self.now = 100.0
        self.service_s = service_s
        self.stall = stall  # from and to, during which nothing is worked on
        self.change: Callable[[int, bytes], tuple[int, bytes]] = lambda ticket, body: (200, body)
        self.most_at_once = 0
        self._free_at = 0.0
        self._num_sent = 0
        self._coming: list[tuple[float, int, bytes]] = []

    def __call__(self) -> float:
        return self.now

    def send(self, request: bytes) -> int:
        begin = max(self.now, self._free_at)
        if self.stall[0] <= begin < self.stall[1]:
            begin = self.stall[1]
        self._free_at = begin + self.service_s
        self._num_sent += 1
        heapq.heappush(self._coming, (self._free_at, self._num_sent, request))
        self.most_at_once = max(self.most_at_once, len(self._coming))
        return self._num_sent

    def poll(self, timeout_s: float) -> list[Answer]:
        end = self.now + timeout_s
        assert self._coming or end < math.inf, "would wait for ever"
        if not self._coming or self._coming[0][0] > end:
            self.now = end
            return []
        done, ticket, request = heapq.heappop(self._coming)
        self.now = max(self.now, done)
        status, body = self.change(ticket, encode(request.partition(b"\r\n\r\n")[2]))
        return [Answer(ticket, self.now, "", status, b"http/1.1 200 ok", body)]

    def cancel(self, ticket: int) -> None:
        self._coming = [each for each in self._coming if each[1] != ticket]
        heapq.heapify(self._coming)


@pytest.fixture
def virtual_server() -> type[VirtualServer]:
    return VirtualServer


@pytest.fixture
def virtual_stand() -> Callable[..., Stand]:
    """Return a stand before a virtual server, at which interactive users' requests may be measured."""

    def make(server: VirtualServer, *, limit_ms: float = 30.0, users: str = "interactive", **options: object) -> Stand:
        calls = draw_calls(URL, USERS[users], read_texts(), {}, seed=0)
        return Stand(calls, dict.fromkeys(KINDS, limit_ms), server, server, **options)

    return make


def head_of(stream: BinaryIO) -> bytes:
    """Return the lines before the empty one; nothing at the end of the connection."""
    lines = []
    while (line := stream.readline()) not in (b"", b"\r\n"):
        lines.append(line)
    return b"".join(lines)


class SocketServer:
    """Takes connections and answers each request with what a function returns; `None` closes the connection."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.num_connections = 0
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.num_connections += 1
            self._sockets.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    head = head_of(stream)
                    if not head:
                        return
                    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                    answer = self._answer(stream.read(length))
                    if answer is None:
                        return
                    connection.sendall(answer)
                except OSError:
                    return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._sockets:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(timeout=5)


def http_reply(body: bytes, status: int = 200, *lines: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"content-length: {len(body)}", *lines))
    return f"HTTP/1.1 {status} Some Words\r\n{head}\r\n".encode() + body


@pytest.fixture
def reply_bytes() -> Callable[..., bytes]:
    """Return a reply as it goes over the wire."""
    return http_reply


@pytest.fixture
def encode_bytes() -> Callable[[bytes], bytes]:
    """Return what an encode endpoint answers to a body, on the wire."""
    return lambda body: http_reply(encode(body))


@pytest.fixture
def socket_server():
    """Start servers of real sockets."""
    servers: list[SocketServer] = []

    def start(answer: Callable[[bytes], bytes | None]) -> SocketServer:
        servers.append(SocketServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def loadtests() -> Path:
    return LOADTESTS


@pytest.fixture
def swap_answers() -> Callable[[int, bytes], tuple[int, bytes]]:
    """Give every tenth request the answer to another text."""

    def change(ticket: int, body: bytes) -> tuple[int, bytes]:
        if ticket % 10:
            return 200, body
        return 200, encode(json.dumps({"inputs": f"another text, {ticket}"}).encode())

    return change
