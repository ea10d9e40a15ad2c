"""How an edge is to run, checked before anything listens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resay.edge.rates import Rate
from resay.errors import SettingsError
from resay.torchserve.endpoints import BULK_LANES, ENDPOINTS
from resay.torchserve.ports import HIGHEST_PORT, LOOPBACK, is_loopback

_BACKEND = re.compile(r"http://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):([1-9]\d{0,4})/?")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
BULK_BYTES = 10_000
"""About a hundred and fifty sentences."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EdgeSettings:
    """How to run.

    Attributes:
        backend: Address of TorchServe's inference API at the start.
        host: Address to listen at.
        port: Port to listen at.
        certificate: The chain of certificates, as PEM; ``None`` for no TLS.
        private_key: The certificate's key, as PEM.
        keys: The file of API keys; ``None`` serves everybody.
        open_to_all: Whether to do without keys where other machines can ask.
        rate: For keys without a rate of their own; without keys, for each address.
        burst: Requests beyond the rate that are taken before one is refused; ``None`` for two seconds' worth.
        endpoints: What TorchServe serves.
        max_body_bytes: Largest body of each endpoint.
        bulk_bytes: From this length of its body on a request goes to the endpoint for large ones, if that is served.
        connections: Most requests of one address at a time.
        num_processes: Of nginx.
        client_timeout_s: Patience with a client's headers as a whole, and between two pieces of its body.
        upstream_timeout_s: Patience with TorchServe, between two pieces of a reply.
        probe_timeout_s: The same for health.
        drain_notice_s: How long to go on serving after readiness is gone.
        drain_timeout_s: Patience with requests in flight, in a drain or reload.
    """

    backend: str = f"http://{LOOPBACK}:8080"
    host: str = LOOPBACK
    port: int = 8443
    certificate: Path | None = None
    private_key: Path | None = None
    keys: Path | None = None
    open_to_all: bool = False
    rate: Rate = field(default_factory=lambda: Rate(50, "s"))
    burst: int | None = None
    endpoints: tuple[str, ...]
    max_body_bytes: Mapping[str, int]
    bulk_bytes: int = BULK_BYTES
    connections: int = 512
    num_processes: int = 2
    client_timeout_s: int = 10
    upstream_timeout_s: int = 65
    probe_timeout_s: int = 5
    drain_notice_s: float = 2.0
    drain_timeout_s: int = 30

    def check(self) -> None:
        """Look for what nginx would not notice, or say in words of its own.

        Raises:
            SettingsError: A value is not allowed, or strangers could use the server.
        """
        parse_backend(self.backend)
        if _HOST.fullmatch(self.host) is None:
            raise SettingsError(f"--host must be an address of this machine, such as 0.0.0.0; got {self.host!r}")
        if not 1 <= self.port <= HIGHEST_PORT:
            raise SettingsError(f"--port must lie between 1 and {HIGHEST_PORT}; got {self.port}")
        for option, number in (
            ("--bulk-bytes", self.bulk_bytes),
            ("--burst", self.burst),
            ("--connections", self.connections),
            ("--processes", self.num_processes),
            ("--client-timeout", self.client_timeout_s),
            ("--upstream-timeout", self.upstream_timeout_s),
            ("--drain-timeout", self.drain_timeout_s),
        ):
            if number is not None and number < 1:
                raise SettingsError(f"{option} must be at least 1; got {number}")
        for endpoint in self.endpoints:
            other = ENDPOINTS[endpoint].bulk_of
            if other and other not in self.endpoints:
                raise SettingsError(f"{endpoint} takes the large requests of {other}; name {other} as well")
        if self.drain_notice_s < 0:
            raise SettingsError(f"--drain-notice must not be negative; got {self.drain_notice_s:g}")
        if (self.certificate is None) != (self.private_key is None):
            raise SettingsError("--certificate and --key belong together; one of them is missing")
        if self.keys is None and not self.open_to_all and not is_loopback(self.host):
            raise SettingsError(
                f"without API keys everybody who can reach {self.host} would be served; name a file of keys with "
                f"--keys, or listen on this machine alone with --host {LOOPBACK}, or say --open to serve everybody"
            )

    def most_bytes(self, endpoint: str) -> int:
        """Return the largest body that may be sent to an endpoint, whichever of its two ways it takes."""
        lane = BULK_LANES.get(endpoint)
        names = (endpoint, lane) if lane in self.endpoints else (endpoint,)
        return max(self.max_body_bytes[name] for name in names)

    @property
    def url(self) -> str:
        """Where this machine finds the edge."""
        scheme = "http" if self.certificate is None else "https"
        host = {"0.0.0.0": LOOPBACK, "::": "[::1]"}.get(self.host, bracketed(self.host))
        return f"{scheme}://{host}:{self.port}"


def parse_backend(url: str) -> str:
    """Return host and port of a backend's URL.

    Raises:
        SettingsError: The URL has another form than `http://HOST:PORT`.
    """
    found = _BACKEND.fullmatch(url)
    if found is None or int(found[2]) > HIGHEST_PORT:
        raise SettingsError(
            f"a backend is the address of TorchServe's inference API, such as http://127.0.0.1:8080; got {url!r}"
        )
    return f"{found[1]}:{found[2]}"


def bracketed(host: str) -> str:
    """Return an address as it stands before a port."""
    return f"[{host}]" if ":" in host else host
