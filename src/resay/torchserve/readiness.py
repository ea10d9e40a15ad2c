"""Whether a started server is ready: every worker of every model has loaded its model.

TorchServe's ``/ping`` says "Healthy" before any worker has loaded and even when none can, so it is
not asked; the management API knows the state of each worker.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from resay.errors import ServerError
from resay.torchserve.http_client import send
from resay.torchserve.process import ServerProcess
from resay.torchserve.worker_log import load_failure, load_has_failed

_POLL_S = 0.1
_MOST_MODELS = 1000
# The server's line about a failed load can overtake the worker's own.
_SETTLE_S = 0.5


def wait_until_ready(
    process: ServerProcess,
    management_url: str,
    models: Iterable[str],
    *,
    stop_requested: Callable[[], bool],
    headers: Callable[[], Mapping[str, str]] = dict,
    timeout_s: float = 120.0,
) -> bool:
    """Wait until all workers of ``models`` are READY.

    Args:
        process: The server.
        management_url: Such as ``http://127.0.0.1:8081``.
        models: Names of the models.
        stop_requested: Asked at every turn; ``True`` ends the wait.
        headers: Headers for the management API, asked at every turn since tokens appear late.
        timeout_s: Patience.

    Returns:
        ``True`` when all are ready, ``False`` when a stop was requested first.

    Raises:
        ServerError: The server ended, a worker failed to load its model, or the time is over.
    """
    waiting = list(models)
    deadline = time.monotonic() + timeout_s
    while waiting:
        if stop_requested():
            return False
        _check_loading(process)
        if time.monotonic() > deadline:
            raise ServerError(
                f"the server was not ready within {timeout_s:g} s (still waiting for: {', '.join(waiting)}); "
                f"its last lines:\n{process.last_log_lines()}"
            )
        waiting = [name for name in waiting if not workers_ready(management_url, name, headers())]
        if waiting:
            time.sleep(_POLL_S)
    return True


def registered_models(management_url: str, headers: Mapping[str, str]) -> list[str]:
    """Return the names of the models that a server was started with; none where no server answers.

    TorchServe registers all of them before it begins to listen.
    """
    reply = _ask(f"{management_url}/models?limit={_MOST_MODELS}", headers)
    return [model["modelName"] for model in reply["models"]] if reply else []


def workers_ready(management_url: str, model: str, headers: Mapping[str, str]) -> bool:
    """Whether the model is registered, has workers, and all of them are READY."""
    versions = _ask(f"{management_url}/models/{model}", headers) or []
    workers = [worker["status"] for version in versions for worker in version["workers"]]
    return bool(workers) and all(status == "READY" for status in workers)


def _ask(url: str, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 (JSON)
    """Return the JSON of a reply with status 200, else `None`."""
    try:
        reply = send("GET", url, headers=headers, timeout_s=5.0)
    except OSError:
        return None  # the server does not listen yet
    return json.loads(reply.body) if reply.status == 200 else None


def _check_loading(process: ServerProcess) -> None:
    process.check_running()
    if load_has_failed(process.logs):
        time.sleep(_SETTLE_S)
        raise ServerError(f"a worker could not load its model: {load_failure(process.logs)}")
