"""Where the server is, and how a client treats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from resay.errors import SettingsError, unknown_name_message

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_TIMEOUT_SECONDS = 30.0
"""Half as much again as the server gives a request by default."""
DEFAULT_MAX_RETRIES = 5
DEFAULT_BATCH_SIZE = 64
DEFAULT_MAX_CONNECTIONS = 8

RouteName = Literal["torchserve", "edge"]


@dataclass(frozen=True, slots=True)
class Routes:
    """Where a front end has its endpoints, and where it says whether it is ready."""

    prefix: str
    ready: str


ROUTES: Mapping[str, Routes] = MappingProxyType(
    {
        "torchserve": Routes("/predictions/", "/predictions/encode/1.0/readyz"),
        "edge": Routes("/", "/readyz"),
    }
)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """A client's settings, checked.

    Raises:
        SettingsError: One is outside what is allowed.
    """

    base_url: str
    routes: str
    api_key: str | None = field(repr=False)
    timeout_seconds: float
    max_retries: int
    batch_size: int
    max_connections: int

    def __post_init__(self) -> None:
        if self.routes not in ROUTES:
            raise SettingsError(unknown_name_message("routes", self.routes, ROUTES))
        check_url(self.base_url)
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable() and self.api_key):
            raise SettingsError("api_key must be printable ASCII, without a line end; leave it out if there is none")
        if not 0 < self.timeout_seconds < float("inf"):
            raise SettingsError(f"timeout_seconds must be a finite number above 0; got {self.timeout_seconds!r}")
        for name, least in (("max_retries", 0), ("batch_size", 1), ("max_connections", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be at least {least}; got {getattr(self, name)!r}")

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, where no proxy can reach it."""
        return urlsplit(self.base_url).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def is_encrypted(self) -> bool:
        """Whether the server is spoken to over TLS; no reply leads anywhere else."""
        return urlsplit(self.base_url).scheme == "https"

    def url(self, endpoint: str) -> str:
        """Return the address of an endpoint."""
        return self.base_url.rstrip("/") + ROUTES[self.routes].prefix + endpoint

    @property
    def ready_url(self) -> str:
        """The address that says whether the server is ready."""
        return self.base_url.rstrip("/") + ROUTES[self.routes].ready


def check_url(base_url: str) -> None:
    """Let an address pass that endpoints can be appended to.

    Raises:
        SettingsError: It is none.
    """
    parts = urlsplit(base_url)
    try:
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError as error:
        raise SettingsError(f"base_url has no valid port: {error}; got {base_url!r}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(
            f"base_url must be http:// or https:// with a host, and nothing behind its path, such as"
            f" http://127.0.0.1:8080; got {base_url!r}"
        )
    if parts.username is not None or parts.password is not None:
        raise SettingsError("base_url must hold no user and password; the server takes an api_key")
