"""Whether a backend answers as it should: asked before it takes over."""

from __future__ import annotations

from collections.abc import Iterable

from resay.torchserve.http_client import send


def missing_endpoints(backend: str, endpoints: Iterable[str], timeout_s: float = 10.0) -> dict[str, str]:
    """Return the endpoints whose workers do not pass their own check, and why."""
    missing = {}
    for endpoint in endpoints:
        try:
            status = send("GET", f"{backend.rstrip('/')}/predictions/{endpoint}/1.0/readyz", timeout_s=timeout_s).status
        except OSError as error:
            missing[endpoint] = f"no answer ({error})"
            continue
        if status != 200:
            missing[endpoint] = f"status {status}"
    return missing
