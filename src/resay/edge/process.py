"""nginx as our child: tried, started, reloaded, asked to finish, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from resay.edge.run_folder import EdgeFolder, make_log
from resay.errors import ServerError
from resay.torchserve.process import end_with_parent

_START_TIMEOUT_S = 15.0
_RELOAD_TIMEOUT_S = 10.0
_POLL_S = 0.02


class NginxProcess:
    """A running nginx: one master, which keeps the workers."""

    def __init__(self, process: subprocess.Popen[bytes], run: EdgeFolder) -> None:
        self._process = process
        self._run = run

    @classmethod
    def start(cls, nginx: Path, run: EdgeFolder) -> NginxProcess:
        """Start nginx with the configuration in the run folder.

        Raises:
            ServerError: nginx cannot be started at all.
        """
        try:
            run.console.unlink(missing_ok=True)
            make_log(run.console)
            with run.console.open("wb") as console:
                process = subprocess.Popen(
                    _command(nginx, run, run.configuration),
                    stdin=subprocess.DEVNULL,
                    stderr=console,
                    process_group=0,  # the terminal's Ctrl-C must reach us alone
                    preexec_fn=end_with_parent if sys.platform == "linux" else None,
                )
        except OSError as error:
            raise ServerError(f"{nginx} cannot be started: {error.strerror}") from error
        return cls(process, run)

    def wait_until_listening(self, stop_requested: Callable[[], bool]) -> bool:
        """Wait until nginx has opened its port; return whether it has, and nobody asked for a stop before.

        Raises:
            ServerError: nginx ended, or the time is over.
        """
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not stop_requested():
            self.check_running()
            with contextlib.suppress(FileNotFoundError):
                if self._run.pid_file.read_text(encoding="ascii").strip():  # written after the port was opened
                    return True
            if time.monotonic() > deadline:
                raise ServerError(f"nginx did not listen within {_START_TIMEOUT_S:g} s:\n{self._last_words()}")
            time.sleep(_POLL_S)
        return False

    def exit_status(self) -> int | None:
        """Return the exit status, or ``None`` while nginx runs."""
        return self._process.poll()

    def check_running(self) -> None:
        """Raise if nginx has ended without being asked to.

        Raises:
            ServerError: With its last words.
        """
        status = self.exit_status()
        if status is not None:
            raise ServerError(f"nginx ended by itself with status {status}; its last words:\n{self._last_words()}")

    def reload(self) -> frozenset[int]:
        """Have new workers take over with the configuration as it is now; wait until they alone accept requests.

        Returns:
            Ids of the old workers, which go on until they have answered what they have accepted.

        Raises:
            ServerError: nginx ended, or the old workers go on accepting.
        """
        old = self.workers()
        self._process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + _RELOAD_TIMEOUT_S
        while any(_accepts(worker) for worker in old):
            self.check_running()
            if time.monotonic() > deadline:
                raise ServerError(f"nginx did not reload within {_RELOAD_TIMEOUT_S:g} s:\n{self._last_words()}")
            time.sleep(_POLL_S)
        return old

    def workers(self) -> frozenset[int]:
        """Return the ids of nginx's child processes, old and new; none where there is no /proc."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                # After the name, which may hold anything, come the state and the parent's id.
                fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == self._process.pid:
                    found.append(int(folder.name))
        return frozenset(found)

    def quit(self) -> None:
        """Have nginx accept nothing more, answer what it has accepted, and end."""
        if self.exit_status() is None:
            self._process.send_signal(signal.SIGQUIT)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it came."""
        try:
            self._process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End master and workers at once. Safe in a signal handler: it waits for nothing."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End everything, whatever the state."""
        self.kill()
        self._process.wait()

    def _last_words(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self._run.console.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        return "(nginx said nothing)"


def check_configuration(nginx: Path, run: EdgeFolder, configuration: Path) -> None:
    """Let nginx read a configuration without using it.

    Raises:
        ServerError: With what nginx says.
    """
    done = subprocess.run([*_command(nginx, run, configuration), "-t", "-q"], capture_output=True, check=False)
    if done.returncode != 0:
        raise ServerError(f"nginx does not take its configuration: {done.stderr.decode(errors='replace').strip()}")


def _accepts(worker: int) -> bool:
    """Whether a worker has not yet been told to finish, which its title says."""
    try:
        title = Path(f"/proc/{worker}/cmdline").read_bytes()
    except OSError:
        return False  # it has ended
    return title != b"" and b"shutting down" not in title


def _command(nginx: Path, run: EdgeFolder, configuration: Path) -> list[str]:
    # -e: until it has read its configuration nginx would write to a log that only root may open.
    return [str(nginx), "-p", str(run.root), "-e", "stderr", "-c", str(configuration)]
