import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resay.errors import ServerError
from resay.torchserve.process import ServerProcess, server_environment
from resay.torchserve.run_folder import RunFolder, make_run_folder

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); {SLEEP}"
WITH_WORKER = f"""
import subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", {STUBBORN!r}], stdout=subprocess.PIPE)
worker.stdout.readline()
print("worker", worker.pid, flush=True)
{SLEEP}
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return make_run_folder(tmp_path)


@pytest.fixture
def start(run: RunFolder) -> Iterator[Callable[[str], ServerProcess]]:
    started: list[ServerProcess] = []

    def start_program(program: str) -> ServerProcess:
        started.append(ServerProcess.start([sys.executable, "-c", program], run))
        return started[-1]

    yield start_program
    for process in started:
        process.stop(grace_s=0.0)


def wait_for_line(process: ServerProcess, word: str) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in process.last_log_lines().splitlines():
            if line.startswith(word):
                return line
        time.sleep(0.02)
    raise AssertionError(f"{word!r} never came")


def is_alive(pid: int) -> bool:
    """Whether the process exists and is more than an entry that waits to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_stop_ends_the_process(start) -> None:
    process = start(SLEEP)
    process.check_running()
    process.stop()
    assert process.exit_status() is not None


def test_stop_kills_what_does_not_listen(start) -> None:
    process = start(STUBBORN)
    wait_for_line(process, "up")
    process.stop(grace_s=0.1)
    assert process.exit_status() == -9


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_stop_leaves_no_worker_behind(start) -> None:
    process = start(WITH_WORKER)
    worker = int(wait_for_line(process, "worker").split()[1])
    assert is_alive(worker)
    process.stop()
    deadline = time.monotonic() + 10
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(worker)


def test_stop_may_come_late_and_twice(start) -> None:
    process = start("")
    while process.exit_status() is None:
        time.sleep(0.02)
    process.stop()
    process.stop()


def test_an_end_of_its_own_is_reported_with_the_last_words(start) -> None:
    process = start("print('no memory left'); raise SystemExit(7)")
    while process.exit_status() is None:
        time.sleep(0.02)
    with pytest.raises(ServerError, match=r"(?s)by itself with status 7.*no memory left"):
        process.check_running()


def test_the_process_has_its_own_group_folder_and_temporary_folder(start, run: RunFolder) -> None:
    program = "import os, tempfile; print('at', os.getpgrp() == os.getpid(), os.getcwd(), tempfile.gettempdir())"
    process = start(f"{program}\n{SLEEP}")
    assert wait_for_line(process, "at") == f"at True {run.root} {run.temporary}"
    assert os.getpgid(process.pid) != os.getpgrp()


def test_a_command_that_does_not_exist_is_named(run: RunFolder) -> None:
    with pytest.raises(ServerError, match="/no/java cannot be started"):
        ServerProcess.start(["/no/java"], run)


def test_the_shell_of_the_user_cannot_redirect_the_server(run: RunFolder) -> None:
    inherited = {
        "TS_CONFIG_FILE": "/etc/other",
        "LOG_LOCATION": "/elsewhere",
        "PROMETHEUS_MULTIPROC_DIR": "/there",
        "HOME": "/home/me",
    }
    environment = server_environment(inherited, run)
    assert "TS_CONFIG_FILE" not in environment
    assert environment["LOG_LOCATION"] == str(run.logs)
    assert environment["PROMETHEUS_MULTIPROC_DIR"] == str(run.root / "metrics")
    assert environment["HOME"] == "/home/me"
    assert environment["OMP_NUM_THREADS"] == "1"
