"""What the edge lets through: its own short addresses, and where each leads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from resay.torchserve.endpoints import BULK_LANES, ENDPOINTS


@dataclass(frozen=True, slots=True)
class Route:
    """One address.

    Attributes:
        path: As a client asks for it.
        target: As TorchServe is asked for it.
        endpoint: Whose limits hold.
        methods: What a client may do.
        bulk_target: As TorchServe is asked for it where the body is long; empty if that makes no difference.
        describes: Whether the header `describe` goes on, with which TorchServe asks a worker what it is.
    """

    path: str
    target: str
    endpoint: str
    methods: tuple[str, ...] = ("POST",)
    bulk_target: str = ""
    describes: bool = True

    @property
    def methods_pattern(self) -> str:
        """A regular expression of the methods."""
        return "|".join(self.methods)


OTHER_PROTOCOLS: Mapping[str, tuple[Route, ...]] = MappingProxyType(
    {
        "encode": (
            Route("/v1/embeddings", "/predictions/encode/1.0/v1/embeddings", "encode", describes=False),
            Route("/v1/models", "/predictions/encode/1.0/v1/models", "encode", ("GET", "HEAD"), describes=False),
        )
    }
)
"""By the endpoint that speaks them."""

PROBES = ("/livez", "/readyz")
"""Answered without a key."""


def routes_of(endpoints: Iterable[str]) -> tuple[Route, ...]:
    """Return the routes of these endpoints: the short one, the one that TorchServe has, and other protocols.

    An endpoint for large requests has none of its own: what has a body and a route of the other one may go there.
    """
    served = tuple(endpoints)
    return tuple(
        with_lane(route, served)
        for endpoint in served
        if not ENDPOINTS[endpoint].bulk_of
        for route in (
            Route(f"/{endpoint}", f"/predictions/{endpoint}", endpoint),
            Route(f"/predictions/{endpoint}", f"/predictions/{endpoint}", endpoint),
            *OTHER_PROTOCOLS.get(endpoint, ()),
        )
    )


def with_lane(route: Route, served: Collection[str]) -> Route:
    """Return a route with the other way that a long body takes, if it may have a body and that way is served."""
    lane = BULK_LANES.get(route.endpoint)
    if lane not in served or "POST" not in route.methods:
        return route
    own, other = f"/predictions/{route.endpoint}", f"/predictions/{lane}"
    return replace(route, bulk_target=other + route.target.removeprefix(own))


def known_routes_pattern(routes: Iterable[Route]) -> str:
    """Return a regular expression of everything that may stand in a log."""
    return "|".join(re.escape(path) for path in (*(route.path for route in routes), *PROBES))
