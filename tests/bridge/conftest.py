"""A backend that answers as a test tells it, in this process or at a port of its own."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import orjson
import pytest

from resay.bridge.backend import Backend
from resay.bridge.call import Call
from resay.bridge.settings import BridgeSettings
from resay.engine.dialects.binary_tensors import JSON_SIZE_HEADER
from resay.engine.dialects.open_inference import OpenInference
from resay.engine.dialects.open_inference_requests import Wanted

ITEMS = [
    {"embedding": [0.5, -1.5], "num_tokens": 3, "num_unknown": 0, "truncated": False},
    {"embedding": [2.0, 4.0], "num_tokens": 9, "num_unknown": 2, "truncated": True},
]


def encode_reply() -> tuple[bytes, dict[str, str]]:
    """Body and headers of what the worker says about two texts."""
    dialect = OpenInference("encode", "7", Wanted(all_binary=True))
    reply = dialect.write({"data": ITEMS, "model": "tiny"})
    return reply.body, {**reply.headers, "content-type": reply.content_type}


@pytest.fixture
def packed() -> tuple[bytes, int]:
    """The body of a reply, and how much of it is JSON."""
    body, headers = encode_reply()
    return body, int(headers[JSON_SIZE_HEADER])


@dataclass
class Asked:
    """A backend whose requests are kept; `answers` are by path, any other path is 404."""

    answers: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def open(self, **settings: object) -> Backend:
        return Backend(BridgeSettings(**settings), httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        known = self.answers.get(request.url.path)
        return known(request) if known else httpx.Response(404, json={"code": 404, "message": "Model not found"})


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def make_call() -> Callable[..., Call]:
    def make(seconds: float = 30.0, **headers: str) -> Call:
        return Call(headers, time.monotonic() + seconds)

    return make


class SlowServer(http.server.ThreadingHTTPServer):
    """Holds every request until it is released, then answers as the worker does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SlowHandler)
        self.arrived = threading.Semaphore(0)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class SlowHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SlowServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.release()
        self.server.released.wait(60)
        body, headers = encode_reply()
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def slow_server() -> Iterator[SlowServer]:
    with SlowServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def error_body() -> bytes:
    return orjson.dumps({"error": "no words", "code": "empty_text", "path": "inputs[0].data[1]"})
