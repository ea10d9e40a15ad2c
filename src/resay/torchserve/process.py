"""The server's processes: Java in a process group of its own, and its workers in the same group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from resay.errors import ServerError
from resay.torchserve.metric_table import METRICS_FOLDER_VARIABLE
from resay.torchserve.run_folder import RunFolder

GRACE_S = 10.0
_WORKERS_GRACE_S = 3.0
_PR_SET_PDEATHSIG = 1
_LOGS = ("workers.log", "server.log", "console.log")
# TorchServe and torch take settings from these; a server must not depend on its user's shell.
_FOREIGN_PREFIXES = ("TS_", "LOCAL_RANK", "LOG_LOCATION", "METRICS_LOCATION")


class ServerProcess:
    """A running TorchServe: started, watched, stopped with everything it started."""

    def __init__(self, process: subprocess.Popen[bytes], run: RunFolder) -> None:
        self._process = process
        self._run = run

    @classmethod
    def start(cls, command: list[str], run: RunFolder) -> ServerProcess:
        """Start the command with the run folder as its working and temporary folder.

        Raises:
            ServerError: The command cannot be started at all.
        """
        try:
            with (run.logs / "console.log").open("wb") as console:
                process = subprocess.Popen(
                    command,
                    cwd=run.root,  # TorchServe writes key_file.json where it stands
                    env=server_environment(os.environ, run),
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    process_group=0,  # the terminal's Ctrl-C must reach us alone
                    preexec_fn=end_with_parent if sys.platform == "linux" else None,
                )
        except OSError as error:
            raise ServerError(f"{command[0]} cannot be started: {error.strerror}") from error
        return cls(process, run)

    @property
    def pid(self) -> int:
        """Id of the Java process, and of the process group."""
        return self._process.pid

    @property
    def logs(self) -> Path:
        """Folder of everything the server says."""
        return self._run.logs

    def exit_status(self) -> int | None:
        """Return the exit status of the Java process, or ``None`` while it runs."""
        return self._process.poll()

    def check_running(self) -> None:
        """Raise if the server has ended without being asked to.

        Raises:
            ServerError: With the last lines of its log.
        """
        status = self.exit_status()
        if status is not None:
            raise ServerError(
                f"TorchServe ended by itself with status {status}; its last lines:\n{self.last_log_lines()}"
            )

    def stop(self, grace_s: float = GRACE_S) -> None:
        """End the server and its workers: ask first, then, after ``grace_s`` seconds, kill."""
        if self.exit_status() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        # A worker ends by itself when its socket closes; one that computes notices late.
        deadline = time.monotonic() + _WORKERS_GRACE_S
        while self._group_lives() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """End the whole process group at once. Safe in a signal handler: it waits for nothing."""
        # That nobody is left, macOS says with PermissionError.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_log_lines(self, num_lines: int = 8) -> str:
        """Return the end of each log, for an error message."""
        tails = {name: _tail(self.logs / name, num_lines) for name in _LOGS}
        told = [f"{name}:\n" + "\n".join(lines) for name, lines in tails.items() if lines]
        return "\n".join(told) or "(the server wrote nothing)"

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def metrics_folder(run: RunFolder) -> Path:
    """Return where the workers write their metrics."""
    return run.root / "metrics"


def server_environment(inherited: Mapping[str, str], run: RunFolder) -> dict[str, str]:
    """Return the environment of server and workers: the inherited one, less what would redirect it."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(_FOREIGN_PREFIXES)}
    return kept | {
        "TEMP": str(run.temporary),
        "TMPDIR": str(run.temporary),
        "LOG_LOCATION": str(run.logs),
        "METRICS_LOCATION": str(run.logs),
        METRICS_FOLDER_VARIABLE: str(metrics_folder(run)),
        # Workers are the unit of parallelism; idle OpenMP threads would spin against each other.
        "OMP_NUM_THREADS": inherited.get("OMP_NUM_THREADS", "1"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def end_with_parent() -> None:
    """Have the kernel stop the server when we are killed without a chance to do it ourselves."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _tail(path: Path, num_lines: int) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-num_lines:]
