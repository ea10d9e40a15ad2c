"""An image run as a hardened container: own namespaces, read-only root, one writable /tmp, no capability."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psutil
from build_steps import Image
from clean_root import chroot_command, device_mounts

from resay.errors import ServerError

_POLL_S = 0.5
_NAMESPACES = ("--mount", "--pid", "--net", "--ipc", "--uts")


@dataclass(frozen=True, slots=True)
class Contained:
    """A running entry point, process 1 of its namespace."""

    image: Image
    outer: subprocess.Popen[bytes]
    first_pid: int

    def ask(self, command: Sequence[str], *, as_root: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command beside the entry point, in its namespaces; by default as the image's user."""
        enter = ["nsenter", f"--target={self.first_pid}", *_NAMESPACES]
        inside = f"/proc/{self.first_pid}/root"
        privileges = [] if as_root else privilege_drop(self.image)
        values = [f"{name}={value}" for name, value in self.image.environment.items()]
        words = ["/usr/bin/env", "--ignore-environment", f"--chdir={self.image.folder}", *values, *command]
        return subprocess.run(
            [*enter, f"--root={inside}", *privileges, *words], capture_output=True, text=True, check=False
        )

    def wait_until_healthy(self, timeout_s: float) -> float:
        """Wait for the image's HEALTHCHECK; return how many seconds it took.

        Raises:
            ServerError: If the entry point ends, or the time is over.
        """
        start = time.monotonic()
        while (answer := self.ask(self.image.health)).returncode:
            if self.outer.poll() is not None:
                raise ServerError(f"the entry point ended with status {self.outer.returncode}")
            if time.monotonic() - start > timeout_s:
                raise ServerError(f"not healthy after {timeout_s:g} s: {answer.stderr.strip()}")
            time.sleep(_POLL_S)
        return time.monotonic() - start

    def memory_in_bytes(self) -> int:
        """Return the memory of all processes; what several of them share is counted once."""
        inside = [psutil.Process(self.first_pid), *psutil.Process(self.first_pid).children(recursive=True)]
        return sum(process.memory_full_info().pss for process in inside)

    def stop(self, timeout_s: float) -> tuple[int, float]:
        """Send the image's STOPSIGNAL; return the exit status and the seconds it took.

        Raises:
            subprocess.TimeoutExpired: If it does not end in time.
        """
        start = time.monotonic()
        os.kill(self.first_pid, signal.Signals[self.image.stop_signal])
        return self.outer.wait(timeout=timeout_s), time.monotonic() - start


@contextmanager
def contained(
    image: Image,
    arguments: Sequence[str] = (),
    *,
    writable_mb: int,
    mounted: Mapping[Path, str] | None = None,
    beside: Contained | None = None,
) -> Iterator[Contained]:
    """Start an image's entry point, with its CMD or other arguments; at the end of the block it is killed if it lives.

    Args:
        image: What to start.
        arguments: In the place of CMD, unless empty.
        writable_mb: Size of /tmp, the only place that can be written.
        mounted: Folders and where the entry point sees them, read-only.
        beside: Whose network to share, as in a pod; by default it has one of its own, with nothing but loopback.
    """
    command = [*image.entry_point, *(arguments or image.command)]
    start = chroot_command(image.root, [*privilege_drop(image), *command], image.environment, image.folder)
    root = shlex.quote(str(image.root))
    folders = list((mounted or {}).items())
    script = [
        "set -e",
        "mount --make-rprivate /",
        f"mount --bind {root} {root}",
        *(f"mkdir -p {root}{place}; mount --bind {shlex.quote(str(path))} {root}{place}" for path, place in folders),
        *(f"mount -o remount,bind,ro {root}{place}" for _, place in folders),
        *device_mounts(image.root),
        f"mount -t proc -o nosuid,nodev,noexec proc {root}/proc",
        f"mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size={writable_mb}m tmpfs {root}/tmp",
        f"mount -o remount,bind,ro {root}",
        "ip link set lo up",
        f"exec {shlex.join(start)}",
    ]
    reading, writing = os.pipe()
    # An engine does the same, for programs that open /dev/stdout.
    os.fchown(writing, *map(int, image.user.split(":")))
    outer = subprocess.Popen(
        [*_namespaces(beside), "--fork", "--kill-child", "/bin/sh", "-c", "\n".join(script)],
        start_new_session=True,
        stdout=writing,
        stderr=subprocess.STDOUT,
    )
    os.close(writing)
    told = Thread(target=_tell, args=(reading,))
    told.start()
    first_pid = 0
    try:
        first_pid = _first_child(outer)
        yield Contained(image, outer, first_pid)
    finally:
        if first_pid and outer.poll() is None:
            # With the namespace's process 1 the kernel kills all others in it.
            os.kill(first_pid, signal.SIGKILL)
        outer.wait()
        told.join()


def privilege_drop(image: Image) -> list[str]:
    """Return what makes a command run as the image's user, without any capability or a way to get one."""
    user, group = image.user.split(":")
    return [
        "/usr/bin/setpriv",
        f"--reuid={user}",
        f"--regid={group}",
        "--clear-groups",
        "--no-new-privs",
        "--inh-caps=-all",
        "--bounding-set=-all",
    ]


def _namespaces(beside: Contained | None) -> list[str]:
    """Return what makes new namespaces; the network may be somebody else's."""
    if beside is None:
        return ["unshare", *_NAMESPACES]
    own = [name for name in _NAMESPACES if name != "--net"]
    return ["nsenter", f"--target={beside.first_pid}", "--net", "unshare", *own]


def _tell(descriptor: int) -> None:
    """Print what a process says, until it ends."""
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            print(f"  | {line}", end="", flush=True)


def _first_child(outer: subprocess.Popen[bytes]) -> int:
    while outer.poll() is None:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text(encoding="ascii").split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise ServerError(f"the namespaces cannot be made (status {outer.returncode}); run this as root on Linux")
