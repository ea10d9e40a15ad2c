"""Commands side by side: failures, interruptions, and folders that somebody else is at."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resay.evaluation.tables import side_by_side
from resay.evaluation.tables.side_by_side import BUSY, Job, run_side_by_side


@pytest.fixture
def job(tmp_path):
    def make(name, program):
        command = [sys.executable, "-c", program]
        return Job(name, command, tmp_path / "logs" / f"{name}.log", tmp_path / name)

    return make


def test_the_others_go_on_when_one_fails(job, tmp_path):
    write = "import pathlib; pathlib.Path('{}').write_text('done')"
    jobs = [
        job("first", write.format(tmp_path / "first.txt")),
        job("wrong", "print('\\n'.join(f'line {n}' for n in range(20))); raise SystemExit(3)"),
        job("killed", "import os; os.kill(os.getpid(), 9)"),
        job("last", write.format(tmp_path / "last.txt")),
    ]
    said = []
    failures = run_side_by_side(jobs, 2, said.append)
    assert sorted((failure.name, failure.reason) for failure in failures) == [
        ("killed", "killed by SIGKILL"),
        ("wrong", "failed with exit status 3"),
    ]
    (wrong,) = (failure for failure in failures if failure.name == "wrong")
    assert list(wrong.last_lines) == [f"line {number}" for number in range(12, 20)]
    assert wrong.text() in said
    assert wrong.text().startswith(f"wrong: failed with exit status 3 (log: {tmp_path / 'logs' / 'wrong.log'})\n")
    assert (tmp_path / "first.txt").exists()
    assert (tmp_path / "last.txt").exists()
    assert any(line.startswith("last: done in ") for line in said)


def test_so_many_at_a_time_and_a_thread_each(job, tmp_path):
    program = f"""
import os, time, pathlib
print(os.environ["OMP_NUM_THREADS"], os.environ["OMP_WAIT_POLICY"])
running = pathlib.Path(r"{tmp_path}") / "running"
running.mkdir(exist_ok=True)
mine = running / str(os.getpid())
mine.touch()
for _ in range(30):
    assert len(list(running.iterdir())) <= 2
    time.sleep(0.005)
mine.unlink()
"""
    jobs = [job(f"job{number}", program) for number in range(5)]
    assert run_side_by_side(jobs, 2, lambda text: None) == []
    assert jobs[0].log.read_text() == "1 PASSIVE\n"


def test_a_folder_is_held_by_one_job_however_it_was_started(job, tmp_path):
    busy = job("busy", "")
    busy.folder.mkdir()
    descriptor = os.open(busy.folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    said = []
    failures = run_side_by_side([busy, job("free", "")], 1, said.append)
    assert [(failure.name, failure.reason) for failure in failures] == [("busy", BUSY)]
    os.close(descriptor)
    assert run_side_by_side([busy], 1, said.append) == []


COMMAND = f"""
import signal
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

spec = spec_from_file_location("side_by_side", {side_by_side.__file__!r})  # without its package, and so without torch
sys.modules["side_by_side"] = module = module_from_spec(spec)
spec.loader.exec_module(module)
Job, run_side_by_side = module.Job, module.run_side_by_side
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background commands begin by ignoring it

def say(text):
    print(text, flush=True)

folder, program = Path(sys.argv[1]), sys.argv[2]
jobs = [Job(name, [sys.executable, "-c", program, str(folder / name)], folder / (name + ".log"), folder / name)
        for name in ("a", "b", "c")]
try:
    run_side_by_side(jobs, 2, say)
except KeyboardInterrupt:
    say("interrupted")
"""
TIDY = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])

def stop(number, frame):
    (folder / "tidy").touch()
    sys.exit(130)

signal.signal(signal.SIGTERM, stop)
(folder / "ready").touch()
time.sleep(200)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_lets_every_job_tidy_up(tmp_path, number):
    command = [sys.executable, "-c", COMMAND, str(tmp_path), TIDY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        wait_for(process, tmp_path / "a" / "ready", tmp_path / "b" / "ready")
        process.send_signal(number)
        output, _ = process.communicate(timeout=120)
    assert output.splitlines() == ["a: started", "b: started", "interrupted"]
    assert (tmp_path / "a" / "tidy").exists()
    assert (tmp_path / "b" / "tidy").exists()
    assert not (tmp_path / "c").exists()


def test_killed_its_jobs_still_hold_their_folders(tmp_path, job):
    program = TIDY.replace("time.sleep(200)", "time.sleep(200) if folder.name == 'a' else None")
    command = [sys.executable, "-c", COMMAND, str(tmp_path), program]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_for(process, tmp_path / "a" / "ready", tmp_path / "c" / "ready")
        process.kill()
    (failure,) = run_side_by_side([job("a", "")], 1, lambda text: None)
    assert failure.reason == BUSY
    orphan = next(pid for pid in pids() if str(tmp_path / "a") in arguments_of(pid))
    os.kill(int(orphan), signal.SIGTERM)
    wait_for(None, tmp_path / "a" / "tidy")


def wait_for(process, *paths):
    deadline = time.monotonic() + 120
    while not all(path.exists() for path in paths):
        assert process is None or process.poll() is None, "the command ended too early"
        assert time.monotonic() < deadline, f"missing, one of {paths}"
        time.sleep(0.02)


def pids():
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]


def arguments_of(pid):
    try:
        return (Path("/proc") / pid / "cmdline").read_text().split("\0")
    except OSError:
        return []
