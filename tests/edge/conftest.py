"""A real nginx, started through serving/edge/start.py as its user does, before a server that plays TorchServe."""

import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from resay.edge.program import find_nginx
from resay.errors import MissingExtraError

PROJECT = Path(__file__).parents[2]
EDGE = PROJECT / "serving" / "edge"
TIMEOUT_S = 30


@pytest.fixture(scope="session")
def nginx() -> None:
    """Skip what needs nginx where it is missing."""
    try:
        find_nginx()
    except MissingExtraError as error:
        pytest.skip(str(error))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self) -> str:
        """Of an error in our form, and in no other."""
        assert self.headers["Content-Type"] == "application/json"
        content = json.loads(self.body)
        assert set(content) == {"error"}
        error = content["error"]
        assert set(error) == {"code", "message", "path"}
        assert len(error["message"]) > 10
        return str(error["code"])


def ask(
    port: int, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = b"x", method: str = "POST"
) -> Reply:
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, {"Content-Type": "text/plain", **(headers or {})})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


@dataclass
class Received:
    """A request as the server behind got it; its connection is told apart by the number."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


class FakeUpstream(http.server.ThreadingHTTPServer):
    """Plays TorchServe: does what the request's header X-Fake asks for, a JSON object.

    status: of the reply. worker: whether a worker says it. keep: whether the connection stays open. drop: close it
    without a reply. stale: reply, and drop the next request on this connection. wait: for the event `release`.
    seconds: to think.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str = "first") -> None:
        self.name = name
        self.received: list[Received] = []
        self.ready = 200
        self.ready_seconds = 0.0
        self.num_checks = self.most_checks = 0
        self.alive = 200
        self.release = threading.Event()
        self.num_connections = 0
        super().__init__(("127.0.0.1", 0), FakeHandler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def of(self, path: str) -> list[Received]:
        return [request for request in self.received if request.path == path]

    def close(self) -> None:
        self.release.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no error."""


class FakeHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeUpstream

    def setup(self) -> None:
        super().setup()
        self.server.num_connections += 1
        self.connection_number = self.server.num_connections
        self.stale = False

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.command, self.path, headers, body, self.connection_number))
        wanted: dict[str, Any] = json.loads(headers.get("x-fake", "{}"))
        if wanted.get("drop") or self.stale:
            self.close_connection = True
            return
        if wanted.get("wait"):
            assert self.server.release.wait(TIMEOUT_S)
        time.sleep(wanted.get("seconds", 0))
        status = wanted.get("status", 200)
        if self.path.endswith("/encode/1.0/readyz"):
            status = self.check()
        elif self.path.endswith("/readyz"):
            status = self.server.ready
        elif self.path == "/ping":
            status = self.server.alive
        self.stale = bool(wanted.get("stale"))
        self.reply(status, worker=bool(wanted.get("worker")), keep=bool(wanted.get("keep") or self.stale))

    def check(self) -> int:
        """Check one endpoint; note how many do so at once."""
        server = self.server
        server.num_checks += 1
        server.most_checks = max(server.most_checks, server.num_checks)
        time.sleep(server.ready_seconds)
        server.num_checks -= 1
        return server.ready

    def reply(self, status: int, *, worker: bool, keep: bool) -> None:
        said = {"code": status, "type": "SomeException", "message": f"said by {self.server.name}"}
        if worker and status >= 400:
            said = {"error": {"code": "of_worker", "message": "said by the worker", "path": "inputs[3]"}}
        content = b"" if status == 413 and not worker else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-request-id", "the front end's own")
        if worker:
            self.send_header("x-model-sha", "0123456789ab")
        if not keep:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_HEAD = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@dataclass
class EdgeScript:
    """A run of serving/edge/start.py."""

    process: subprocess.Popen[str]
    port: int
    run: Path
    lines: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, run: Path, *options: str) -> "EdgeScript":
        port = free_port()
        command = [sys.executable, str(EDGE / "start.py"), "--port", str(port), "--run-dir", str(run), *options]
        process = subprocess.Popen(
            [*command, "--processes", "1", "--drain-notice", "0.3"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        )
        script = cls(process, port, run)
        threading.Thread(target=script._read).start()
        return script

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(iter(output.readline, ""))

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def ask(self, path: str, **options: Any) -> Reply:
        return ask(self.port, path, **options)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.run / "access.log").read_text().splitlines()]

    def log_line(self, request_id: str) -> dict[str, Any]:
        """Wait for the line of one request: it is written after the reply."""
        wait_until(lambda: any(line["request_id"] == request_id for line in self.log()))
        (found,) = (line for line in self.log() if line["request_id"] == request_id)
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=TIMEOUT_S)

    def close(self) -> None:
        if self.process.poll() is None:
            for _ in range(2):  # the second one ends it at once
                self.process.send_signal(signal.SIGTERM)
                time.sleep(0.05)
            self.process.wait(timeout=TIMEOUT_S)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeUpstream]:
    server = FakeUpstream()
    yield server
    server.close()


@pytest.fixture
def other_upstream() -> Iterator[FakeUpstream]:
    server = FakeUpstream("second")
    yield server
    server.close()


@pytest.fixture(scope="module")
def start_edge(nginx) -> Iterator[Callable[..., EdgeScript]]:
    """Start the script with options, and wait until it listens; encode and paraphrase are served, or what is named."""
    scripts: list[EdgeScript] = []

    def start_script(*options: str) -> EdgeScript:
        # Started by root, nginx works as somebody else, who may not look into pytest's folders.
        run = Path(tempfile.mkdtemp(prefix="resay-edge-test-", dir="/tmp"))
        run.chmod(0o711)
        scripts.append(EdgeScript.start(run, "--endpoints", "encode", "paraphrase", *options))
        scripts[-1].wait_for("Ctrl-C drains and stops it.")
        return scripts[-1]

    yield start_script
    for script in scripts:
        script.close()
        shutil.rmtree(script.run)


@pytest.fixture(scope="module")
def edge(start_edge, upstream) -> EdgeScript:
    """An edge without keys, for tests that leave it as it is."""
    return start_edge("--no-tls", "--host", "127.0.0.1", "--backend", upstream.url, "--upstream-timeout", "1")


class Load:
    """Asks again and again, each time on a new connection, from several threads, until it is stopped.

    Who is refused a connection was not accepted, and is counted apart. So is whose connection is reset while nginx
    drains: the kernel had it, and nginx not yet.
    """

    def __init__(self, port: int, path: str, num_threads: int = 4, **options: Any) -> None:
        self.statuses: list[int] = []
        self.bodies: list[bytes] = []
        self.num_refused = 0
        self.broken: list[str] = []
        self._port, self._path, self._options = port, path, options
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(num_threads)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stopped.is_set():
            try:
                reply = ask(self._port, self._path, **self._options)
            except (ConnectionRefusedError, ConnectionResetError):
                self.num_refused += 1
                return
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(repr(error))
                return
            self.statuses.append(reply.status)
            self.bodies.append(reply.body)

    def wait_for_refusal(self) -> None:
        """Wait until nobody is let in any more."""
        for thread in self._threads:
            thread.join(timeout=TIMEOUT_S)

    def wait_for(self, num_more: int) -> None:
        """Wait for so many more replies."""
        goal = len(self.statuses) + num_more
        wait_until(lambda: len(self.statuses) >= goal or self.broken != [])
        assert self.broken == []


@pytest.fixture
def load() -> type[Load]:
    return Load


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    return wait_until
