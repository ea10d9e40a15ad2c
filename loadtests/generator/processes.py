"""The CPU time of a server's processes, of this one, and of everything else on the machine."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from resay.torchserve.http_client import send
from resay.torchserve.ports import is_loopback
from resay.torchserve.readiness import registered_models


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """At one moment; a difference of two is what was used between them.

    Attributes:
        wall: Seconds of a clock.
        client: CPU seconds of this process.
        frontend: Of the server's Java process; not a number where it is not known.
        workers: Of all its workers together; the same.
        machine: Of all processes of the machine.
    """

    wall: float
    client: float
    frontend: float
    workers: float
    machine: float

    def since(self, earlier: CpuSeconds) -> CpuSeconds:
        """Return what was used since."""
        return CpuSeconds(
            self.wall - earlier.wall,
            self.client - earlier.client,
            self.frontend - earlier.frontend,
            self.workers - earlier.workers,
            self.machine - earlier.machine,
        )

    @property
    def others_share(self) -> float:
        """Cores that neither this process nor the server used; not a number where the server's are not known."""
        return max(self.machine - self.client - self.frontend - self.workers, 0.0) / self.wall


@dataclass(frozen=True, slots=True)
class ServerProcesses:
    """Front end and workers; both empty where they cannot be seen from here."""

    frontend: tuple[psutil.Process, ...] = ()
    workers: tuple[psutil.Process, ...] = ()

    def now(self) -> CpuSeconds:
        """Return the seconds used up to now."""
        busy = psutil.cpu_times()
        return CpuSeconds(
            time.perf_counter(),
            time.process_time(),
            _cpu_seconds(self.frontend),
            _cpu_seconds(self.workers),
            busy.user + busy.nice + busy.system + busy.irq + busy.softirq,
        )


def find_processes(management_url: str, headers: Mapping[str, str]) -> ServerProcesses:
    """Ask the management API for the workers; the front end is their parent.

    Nothing is found where the server runs on another machine, or in another namespace of processes.
    """
    if not is_loopback(urlsplit(management_url).hostname or ""):
        return ServerProcesses()
    try:
        pids = [
            pid for model in registered_models(management_url, headers) for pid in _pids(management_url, model, headers)
        ]
        workers = tuple(psutil.Process(pid) for pid in pids)
        parents = {worker.parent() for worker in workers}
        if not all(parent is not None and "java" in parent.name() for parent in parents):
            return ServerProcesses()
        return ServerProcesses(tuple(parent for parent in parents if parent is not None), workers)
    except (OSError, psutil.Error):
        return ServerProcesses()


def _pids(management_url: str, model: str, headers: Mapping[str, str]) -> list[int]:
    reply = send("GET", f"{management_url}/models/{model}/all", headers=headers, timeout_s=5.0)
    if reply.status != 200:
        return []
    return [worker["pid"] for version in json.loads(reply.body) for worker in version["workers"]]


def _cpu_seconds(processes: tuple[psutil.Process, ...]) -> float:
    if not processes:
        return math.nan
    try:
        times = [process.cpu_times() for process in processes]
    except psutil.Error:
        return math.nan  # one has ended: what it used is lost
    return float(sum(each.user + each.system for each in times))
