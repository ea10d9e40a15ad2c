"""Another backend takes over: asked for by one process, done by the one that runs the edge."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from resay.edge.readiness import missing_endpoints
from resay.edge.run_folder import EdgeFolder, held, read_json
from resay.edge.settings import parse_backend
from resay.errors import ServerError

_POLL_S = 0.05


def switch_backend(run_folder: Path, backend: str, *, timeout_s: float, checked: bool = True) -> None:
    """Have a running edge use another backend, and wait until the old one has no request of the edge any more.

    Args:
        run_folder: The edge's.
        backend: Address of the new one's inference API.
        timeout_s: Patience.
        checked: Whether the new one has to pass the check of every endpoint first.

    Raises:
        SettingsError: The backend is no address.
        ServerError: No edge runs there, another switch is under way, the new backend is not ready (the old one goes
            on), or the time is over.
    """
    parse_backend(backend)
    run = EdgeFolder(run_folder.resolve(), keep=True)
    state = read_json(run.state)
    if not state:
        raise ServerError(
            f"no edge runs in {run.root}; name the folder that serving/edge/start.py shows as its run folder"
        )
    busy = f"another switch of the edge in {run.root} is under way; nothing was changed, ask again when it is done"
    with held(run.temporary, busy):
        if checked and (missing := missing_endpoints(backend, state["endpoints"])):
            told = "; ".join(f"{endpoint}: {reason}" for endpoint, reason in missing.items())
            raise ServerError(f"{backend} is not ready, so {state['backend']} goes on ({told})")
        _ask_and_wait(run, backend, timeout_s)


def _ask_and_wait(run: EdgeFolder, backend: str, timeout_s: float) -> None:
    state: dict[str, Any] = {}
    token = secrets.token_hex(8)
    run.write_json(run.request, {"backend": backend, "token": token})
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        state = read_json(run.state)
        if state.get("token") == token:
            if state["refused"]:
                raise ServerError(f"the edge goes on as before: {state['refused']}")
            if state["settled"]:
                return
        elif (asked := read_json(run.request)) and asked["token"] != token:
            raise ServerError(f"another switch came between, to {asked['backend']}; ask again")
        time.sleep(_POLL_S)
    done = "the new one is in use, but requests to the old one are not yet answered"
    raise ServerError(
        f"not finished within {timeout_s:g} s: "
        + (done if state.get("token") == token else f"does the edge in {run.root} still run?")
    )
