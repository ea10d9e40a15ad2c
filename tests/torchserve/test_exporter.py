"""Workers that write, and the one process that shows what they wrote."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from resay.errors import MissingExtraError, ServerError
from resay.torchserve.exporter import exporting

WORKER = """
import sys
from resay.engine.work import Work
from resay.torchserve.identity import Identity
from resay.torchserve.metrics import open_metrics
metrics = open_metrics(Identity("encode", "encode", "1.0", "tiny", "0123456789ab", "CPUExecutionProvider"))
metrics.record(Work(), [(200, "")] * 3, [], [0.001] * 3)
metrics.set_ready(sys.argv[1] == "ready")
print("written", flush=True)
sys.stdin.read()
"""


class FakeWorker:
    """A process with metrics, which lives until it is told to end."""

    def __init__(self, folder: Path, state: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, state],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"written\n"

    def end(self) -> None:
        self.process.communicate(timeout=20)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[FakeWorker]]:
    started = [FakeWorker(tmp_path, "ready"), FakeWorker(tmp_path, "not ready")]
    yield started
    for worker in started:
        if worker.process.poll() is None:
            worker.end()


def fetch(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_the_workers_are_merged_and_those_that_ended_only_leave_what_they_counted(
    tmp_path: Path, port: int, workers: list[FakeWorker]
) -> None:
    who = (
        'resay_workers{endpoint="encode",model="tiny",model_sha="0123456789ab",provider="CPUExecutionProvider",'
        'version="1.0"}'
    )
    requests = 'resay_requests_total{code="",endpoint="encode",status="200"}'
    with exporting(tmp_path, port):
        both = fetch(port)
        workers[1].end()
        one = fetch(port)
        workers[0].end()
        none = fetch(port)
    assert (both[who], both[requests], both['resay_ready{endpoint="encode"}']) == (2, 6, 0)
    assert (one[who], one[requests], one['resay_ready{endpoint="encode"}']) == (1, 6, 1)
    assert who not in none
    assert none[requests] == none['resay_request_seconds_count{endpoint="encode"}'] == 6


def test_before_any_worker_there_is_nothing(tmp_path: Path, port: int) -> None:
    with exporting(tmp_path, port):
        assert fetch(port) == {}
    with pytest.raises(OSError, match="refused"):
        fetch(port)


def test_a_taken_port_is_named(tmp_path: Path, port: int) -> None:
    with (
        exporting(tmp_path, port),
        pytest.raises(ServerError, match=f"port {port} .*workers' metrics"),
        exporting(tmp_path, port),
    ):
        pass


def test_a_missing_library_is_named(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MissingExtraError, match=r"resay\[serve\]"), exporting(tmp_path, port):
        pass
