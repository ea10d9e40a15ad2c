"""The servers of a drill: started by serving/start.py as their user would, in a folder of their own, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.processes import ServerProcesses, find_processes

from resay.errors import ServerError
from resay.torchserve.http_client import send
from resay.torchserve.ports import LOOPBACK, choose_ports

PROJECT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0
_SERVING = "Ctrl-C stops the server"
_EDGE_LISTENS = "Ctrl-C drains and stops it"
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Script:
    """A start script that runs, and what it has said so far."""

    process: subprocess.Popen[bytes]
    said: Path

    def wait_for(self, text: str) -> None:
        """Wait until the script has said something.

        Raises:
            RuntimeError: It ended instead, or took too long.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while text not in (output := self.said.read_text(errors="replace")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start (status {self.process.returncode}):\n{output[-4000:]}")
            time.sleep(_POLL_S)

    def stop(self) -> int:
        """Ask the script to end, as Ctrl-C would, and wait for it; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_TIMEOUT_S)

    def close(self) -> None:
        """End the script whatever its state; the server does not outlive it."""
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass(frozen=True, slots=True)
class DrillServer:
    """A TorchServe that is ready."""

    script: Script
    port: int

    @property
    def url(self) -> str:
        """Address of the inference API."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def management_url(self) -> str:
        """Address of the management API."""
        return f"http://{LOOPBACK}:{self.port + 1}"

    def worker_pid(self, endpoint: str) -> int:
        """Return the process that serves an endpoint now, where there is one worker for it."""
        reply = send("GET", f"{self.management_url}/models/{endpoint}")
        (worker,) = json.loads(reply.body)[0]["workers"]
        return int(worker["pid"])

    def processes(self) -> ServerProcesses:
        """Return the front end's process, and those of the workers that there are now."""
        return find_processes(self.management_url, {})


@dataclass(frozen=True, slots=True)
class DrillEdge:
    """An edge that listens, and the log in which it writes a line for each request that it has read."""

    script: Script
    url: str
    access_log: Path

    def ids_read(self) -> frozenset[str]:
        """Return the ids of the requests that it has read."""
        lines = self.access_log.read_text(encoding="utf-8").splitlines()
        return frozenset(json.loads(line)["request_id"] for line in lines)


@contextmanager
def running_server(model: Path, endpoints: Sequence[str], num_workers: int = 1) -> Iterator[DrillServer]:
    """Start a server of some endpoints; at the end of the block it has ended, and its folder is gone.

    Raises:
        RuntimeError: It did not start.
    """
    port = free_port()
    options = ["--port", str(port), "--workers", str(num_workers), "--endpoints", *endpoints]
    with running_script("serving/start.py", [str(model), *options]) as script:
        script.wait_for(_SERVING)
        yield DrillServer(script, port)


@contextmanager
def running_edge(server: DrillServer, endpoints: Sequence[str], num_seconds: float) -> Iterator[DrillEdge]:
    """Start an edge before a server, without TLS, keys and any rate that could be met.

    Args:
        server: What it passes requests on to.
        endpoints: Which of the server's it serves.
        num_seconds: Between its word that it is no longer ready and the end of its listening.

    Raises:
        RuntimeError: It did not start.
    """
    port = free_port()
    options = ["--backend", server.url, "--host", LOOPBACK, "--port", str(port), "--no-tls"]
    options += ["--endpoints", *endpoints]
    options += ["--rate", "999999/s", "--burst", "999999", "--connections", "9999", "--drain-notice", str(num_seconds)]
    with TemporaryDirectory(prefix="drill-") as logs:
        access_log = Path(logs) / "access.log"
        with running_script("serving/edge/start.py", [*options, "--access-log", str(access_log)]) as script:
            script.wait_for(_EDGE_LISTENS)
            yield DrillEdge(script, f"http://{LOOPBACK}:{port}", access_log)


@contextmanager
def running_script(name: str, options: Sequence[str]) -> Iterator[Script]:
    """Run a script of the project with a temporary folder of its own; at the end of the block both are gone."""
    # Short, for the sockets in it; and nginx's workers, who are another user, have to get into it.
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    folder.chmod(0o711)
    said = folder / "said"
    script: Script | None = None
    try:
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, str(PROJECT / name), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"TMPDIR": str(folder), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
                process_group=0,  # a Ctrl-C ends the drill, which then ends its servers
            )
        script = Script(process, said)
        yield script
    finally:
        if script is not None:
            script.close()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that is free with the three after it, away from the usual ones.

    Raises:
        RuntimeError: There is none.
    """
    for port in random.sample(range(20000, 30000, 3), 100):
        with contextlib.suppress(ServerError):
            choose_ports(port)
            return port
    raise RuntimeError("no three free ports in a row between 20000 and 30000")
