"""What a bridge is told: where both of its ends are, and how much may pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from resay.errors import SettingsError, unknown_name_message

DEFAULT_BACKEND = "http://127.0.0.1:8080"
DEFAULT_MAX_MESSAGE_BYTES = 8 * 1024 * 1024
"""TorchServe takes no more (max_request_size in serving/config.properties)."""
DEFAULT_MAX_CONCURRENT = 64
DEFAULT_TIMEOUT_SECONDS = 60.0
DEFAULT_GRACE_SECONDS = 30.0

VERSION = "1.0"
"""Of every archive; the one version that there is."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Where a front end answers what. `{model}` stands for the endpoint.

    Attributes:
        infer: An inference.
        live: 200, if the front end lives.
        ready: 200, if one endpoint can answer, or where there is no place for each, if all can.
        metadata: Inputs and outputs of an endpoint; none, if the front end does not tell.
    """

    infer: str
    live: str
    ready: str
    metadata: str | None


ROUTES: Mapping[str, Routes] = MappingProxyType(
    {
        "torchserve": Routes(
            infer=f"/predictions/{{model}}/{VERSION}/v2/models/{{model}}/infer",
            live="/ping",
            ready=f"/predictions/{{model}}/{VERSION}/readyz",
            metadata=f"/predictions/{{model}}/{VERSION}/v2/models/{{model}}",
        ),
        "edge": Routes(infer="/{model}", live="/livez", ready="/readyz", metadata=None),
    }
)


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """A bridge's settings, checked.

    Attributes:
        backend: Address of TorchServe or of the edge.
        routes: Which of the two it is, a name of `ROUTES`.
        host: Address to listen at.
        port: Port to listen at; 0 lets the system choose.
        max_message_bytes: Of a call, and of the reply that the backend may give to it.
        max_concurrent: Calls at the same time; more are refused.
        timeout_seconds: For a call whose client gives it no less.
        grace_seconds: For calls in flight when the bridge is told to stop.

    Raises:
        SettingsError: One is outside what is allowed.
    """

    backend: str = DEFAULT_BACKEND
    routes: str = "torchserve"
    host: str = "127.0.0.1"
    port: int = 8001
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES
    max_concurrent: int = DEFAULT_MAX_CONCURRENT
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    grace_seconds: float = DEFAULT_GRACE_SECONDS

    def __post_init__(self) -> None:
        if self.routes not in ROUTES:
            raise SettingsError(unknown_name_message("routes", self.routes, ROUTES))
        check_address(self.backend)
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port must lie between 0 and 65535; got {self.port}")
        for name in ("max_message_bytes", "max_concurrent", "timeout_seconds", "grace_seconds"):
            value = getattr(self, name)
            if not 0 < value < 2**31:
                raise SettingsError(f"{name} must be more than 0 and less than 2^31; got {value}")

    @property
    def address(self) -> str:
        """Where to listen, as gRPC writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def check_address(backend: str) -> None:
    """Refuse what is not the address of a server.

    Raises:
        SettingsError: It has another scheme than http and https, no host, or something behind the port.
    """
    try:
        parts = urlsplit(backend)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        shown = backend.rpartition("@")[2]  # before it may stand a password
        raise SettingsError(f"backend must be an address such as {DEFAULT_BACKEND}, and no path; got {shown!r}")
