"""What the edge lets through: its own short addresses, and where each leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Route:
    """One address.

    Attributes:
        path: As a client asks for it.
        target: As TorchServe is asked for it.
        endpoint: Whose limits hold.
        methods: What a client may do.
    """

    path: str
    target: str
    endpoint: str
    methods: tuple[str, ...] = ("POST",)

    @property
    def methods_pattern(self) -> str:
        """A regular expression of the methods."""
        return "|".join(self.methods)


OTHER_PROTOCOLS: Mapping[str, tuple[Route, ...]] = MappingProxyType(
    {
        "encode": (
            Route("/v1/embeddings", "/predictions/encode/1.0/v1/embeddings", "encode"),
            Route("/v1/models", "/predictions/encode/1.0/v1/models", "encode", ("GET", "HEAD")),
        )
    }
)
"""By the endpoint that speaks them."""

PROBES = ("/livez", "/readyz")
"""Answered without a key."""


def routes_of(endpoints: Iterable[str]) -> tuple[Route, ...]:
    """Return the routes of these endpoints: the short one, the one that TorchServe has, and other protocols."""
    return tuple(
        route
        for endpoint in endpoints
        for route in (
            Route(f"/{endpoint}", f"/predictions/{endpoint}", endpoint),
            Route(f"/predictions/{endpoint}", f"/predictions/{endpoint}", endpoint),
            *OTHER_PROTOCOLS.get(endpoint, ()),
        )
    )


def known_routes_pattern(routes: Iterable[Route]) -> str:
    """Return a regular expression of everything that may stand in a log."""
    return "|".join(re.escape(path) for path in (*(route.path for route in routes), *PROBES))
