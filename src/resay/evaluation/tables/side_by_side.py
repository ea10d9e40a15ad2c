"""Commands side by side: each with a log of its own, none stopped by another's failure, all stopped by Ctrl-C."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TQDM_MININTERVAL": "30",
}
"""A process a core computes more than threads that wait for each other; a log needs no bar that moves."""
LAST_LINES = 8
SECONDS_BETWEEN_LOOKS = 0.1
BUSY = "another command is at it; wait for its end, or stop it"


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run.

    Attributes:
        name: As it is reported.
        command: Program and arguments.
        log: The file that its output is added to.
        folder: What it writes into; held by one job at a time, whichever command started it. Made if need be.
    """

    name: str
    command: Sequence[str]
    log: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that did not do what it should.

    Attributes:
        name: Of the job.
        reason: Its exit status in words.
        last_lines: Of its log.
        log: The file.
    """

    name: str
    reason: str
    last_lines: Sequence[str]
    log: Path

    def text(self) -> str:
        """Return the message for people."""
        return "\n".join(
            [f"{self.name}: {self.reason} (log: {self.log})", *(f"    {line}" for line in self.last_lines)]
        )


def run_side_by_side(jobs: Sequence[Job], num_jobs: int, say: Callable[[str], None]) -> list[Failure]:
    """Run jobs, so many at a time, in order; return those that failed.

    On KeyboardInterrupt, every running job is asked to stop, and waited for; a second one is passed on too. The jobs
    themselves do not hear the terminal's Ctrl-C: with ours it would be two, and cut a step of training short.

    Raises:
        KeyboardInterrupt: Once all have stopped.
    """
    waiting = list(jobs)
    running: list[tuple[Job, subprocess.Popen[bytes], float]] = []
    failures: list[Failure] = []
    with _terminated_like_interrupted():
        try:
            while waiting or running:
                while waiting and len(running) < num_jobs:
                    job = waiting.pop(0)
                    process = _start(job)
                    if process is None:
                        failures.append(Failure(job.name, BUSY, (), job.log))
                        say(failures[-1].text())
                        continue
                    say(f"{job.name}: started")
                    running.append((job, process, time.monotonic()))
                time.sleep(SECONDS_BETWEEN_LOOKS)
                ended = [one for one in running if one[1].poll() is not None]
                running = [one for one in running if one not in ended]
                for job, process, started in ended:
                    if process.returncode:
                        failures.append(_failure(job, process.returncode))
                        say(failures[-1].text())
                    else:
                        say(f"{job.name}: done in {time.monotonic() - started:.0f} s")
        except BaseException:
            _stop([process for _, process, _ in running])
            raise
    return failures


def _start(job: Job) -> subprocess.Popen[bytes] | None:
    """Start a job, unless another one holds its folder."""
    job.folder.mkdir(parents=True, exist_ok=True)
    job.log.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(job.folder, os.O_RDONLY)
    try:
        # The process inherits the open folder, and with it the lock: it ends when the process does, however that is.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with job.log.open("ab") as log:
            return subprocess.Popen(
                job.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **ONE_THREAD},
                pass_fds=(lock,),
                process_group=0,
            )
    except BlockingIOError:
        return None
    finally:
        os.close(lock)


def _failure(job: Job, status: int) -> Failure:
    lines = job.log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").splitlines()
    reason = f"failed with exit status {status}" if status > 0 else f"killed by {signal.Signals(-status).name}"
    return Failure(job.name, reason, [line for line in lines if line.strip()][-LAST_LINES:], job.log)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to stop and wait for their ends; when interrupted meanwhile, ask again.

    SIGTERM, as SIGINT may be ignored: a shell starts background commands that way, and theirs inherit it.
    """
    while any(process.poll() is None for process in processes):
        for process in processes:
            if process.poll() is None:
                process.terminate()
        try:
            for process in processes:
                process.wait()
        except KeyboardInterrupt:
            continue


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Make SIGTERM raise KeyboardInterrupt, so that it leaves no process behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
