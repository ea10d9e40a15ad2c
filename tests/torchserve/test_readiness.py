import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from resay.errors import ServerError
from resay.torchserve.process import ServerProcess
from resay.torchserve.readiness import registered_models, wait_until_ready, workers_ready


class FakeProcess(ServerProcess):
    logs = Path("/nowhere")

    def __init__(self, lines: str = "", status: int | None = None, logs: Path = logs) -> None:
        self.lines, self.status, self.logs = lines, status, logs

    def check_running(self) -> None:
        if self.status is not None:
            raise ServerError(f"ended with {self.status}")

    def last_log_lines(self, num_lines: int = 8) -> str:
        return self.lines


class Management(ThreadingHTTPServer):
    """Answers like TorchServe's management API, each request with the next of the given states."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ManagementHandler)
        self.states: list[list[str] | None] = []
        self.authorizations: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class ManagementHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.authorizations.append(self.headers.get("Authorization"))
        states = self.server.states
        state = states.pop(0) if len(states) > 1 else states[0]
        if urlsplit(self.path).path == "/models":
            body = json.dumps({"models": [{"modelName": name, "modelUrl": f"{name}.mar"} for name in state or []]})
        else:
            body = json.dumps([{"workers": [{"status": status} for status in state or []]}])
        self.send_response(404 if state is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def management() -> Iterator[Management]:
    with Management() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        (["READY"], True),
        (["READY", "READY"], True),
        (["READY", "UNLOADING"], False),
        ([], False),
        (None, False),
    ],
)
def test_ready_means_every_worker_of_a_known_model(
    management: Management, state: list[str] | None, ready: bool
) -> None:
    management.states = [state]
    assert workers_ready(management.url, "encode", {}) is ready


def test_a_server_that_does_not_listen_yet_is_not_ready() -> None:
    assert workers_ready("http://127.0.0.1:9", "encode", {}) is False


@pytest.mark.parametrize("names", [["encode", "sample"], []])
def test_a_server_names_its_models(management: Management, names: list[str]) -> None:
    management.states = [names]
    assert registered_models(management.url, {"Authorization": "Bearer key"}) == names
    assert management.authorizations == ["Bearer key"]


def test_a_refusal_or_no_server_names_no_models(management: Management) -> None:
    management.states = [None]
    assert registered_models(management.url, {}) == []
    assert registered_models("http://127.0.0.1:9", {}) == []


def test_the_wait_ends_when_the_last_worker_is_ready(management: Management) -> None:
    management.states = [None, [], ["UNLOADING"], ["READY"]]
    ready = wait_until_ready(FakeProcess(), management.url, ["encode", "paraphrase"], stop_requested=lambda: False)
    assert ready
    assert management.states == [["READY"]]


def test_tokens_are_sent_with_the_request(management: Management) -> None:
    management.states = [["READY"]]
    wait_until_ready(
        FakeProcess(),
        management.url,
        ["encode"],
        stop_requested=lambda: False,
        headers=lambda: {"Authorization": "Bearer key"},
    )
    assert management.authorizations == ["Bearer key"]


def test_a_request_to_stop_ends_the_wait(management: Management) -> None:
    management.states = [[]]
    assert not wait_until_ready(FakeProcess(), management.url, ["encode"], stop_requested=lambda: True)


def test_a_dead_server_ends_the_wait(management: Management) -> None:
    management.states = [[]]
    with pytest.raises(ServerError, match="ended with 1"):
        wait_until_ready(FakeProcess(status=1), management.url, ["encode"], stop_requested=lambda: False)


def test_a_worker_that_cannot_load_ends_the_wait(management: Management, tmp_path: Path) -> None:
    management.states = [[]]
    (tmp_path / "server.log").write_text("Load model failed: encode, error: Worker died.\n")
    said = ("Backend worker process died.", "resay.errors.DeviceError: no CUDA here")
    lines = [json.dumps({"time": "t", "thread": "W-9000", "text": text}) for text in said]
    (tmp_path / "workers.log").write_text("\n".join(lines))
    with pytest.raises(ServerError, match=r"could not load its model: no CUDA here$"):
        wait_until_ready(FakeProcess(logs=tmp_path), management.url, ["encode"], stop_requested=lambda: False)


def test_patience_ends(management: Management) -> None:
    management.states = [[]]
    with pytest.raises(ServerError, match=r"(?s)not ready within 0\.2 s.*encode.*last words"):
        wait_until_ready(
            FakeProcess("last words"),
            management.url,
            ["encode"],
            stop_requested=lambda: False,
            timeout_s=0.2,
        )
