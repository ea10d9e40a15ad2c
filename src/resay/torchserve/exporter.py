"""The workers' metrics in one place: what each wrote to its files, merged, for Prometheus to fetch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from resay.errors import MissingExtraError, ServerError
from resay.torchserve.ports import LOOPBACK

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


@contextmanager
def exporting(folder: Path, port: int) -> Iterator[None]:
    """Answer GET /metrics on loopback with the metrics of all workers, during the block.

    Raises:
        MissingExtraError: prometheus-client is not installed.
        ServerError: The port cannot be opened.
    """
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError as error:
        raise MissingExtraError(
            "serving needs prometheus-client, not installed here; run: pip install 'resay[serve]'"
        ) from error
    registry = CollectorRegistry()
    registry.register(WorkerFiles(folder))
    try:
        server, thread = start_http_server(port, LOOPBACK, registry)
    except OSError as error:
        raise ServerError(f"port {port} on {LOOPBACK}, needed for the workers' metrics, cannot be opened") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class WorkerFiles:
    """The files of all workers as one source of metrics.

    What ended workers counted still counts; of what they were, nothing is told any more.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Return all metrics, merged."""
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        for pid in worker_pids(self._folder):
            if not is_alive(pid):
                mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
        collector = MultiProcessCollector(None, str(self._folder))  # type: ignore[no-untyped-call]
        merged: Iterable[Metric] = collector.collect()  # type: ignore[no-untyped-call]
        return merged


def worker_pids(folder: Path) -> set[int]:
    """Return the processes that wrote gauges there, whose files are named such as ``gauge_livesum_4711.db``."""
    return {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*_*.db")}


def is_alive(pid: int) -> bool:
    """Whether a process of this user runs."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
