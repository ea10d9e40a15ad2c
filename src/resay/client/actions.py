"""What a request consists of: steps that say what to do next, for a sender with threads or one with tasks to do it."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

Result = TypeVar("Result")

BreakKind = Literal["connection", "timeout", "reply"]


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request, but for its deadline; without a body it is a GET."""

    url: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True, slots=True)
class Send:
    """Send a call, and wait for the reply so many seconds at most."""

    call: Call
    seconds: float

    @property
    def headers(self) -> dict[str, str]:
        """The call's headers, and what is left of its time, so that the server does no work for nobody."""
        return {**self.call.headers, "X-Request-Timeout-Ms": str(max(1, int(self.seconds * 1000)))}


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """What the body is, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Broken:
    """A call without a reply: no connection, no time, or a reply that cannot be read."""

    kind: BreakKind
    error: Exception


Action: TypeAlias = Send | Sleep
Outcome: TypeAlias = Reply | Broken | None
Steps: TypeAlias = Generator[Action, Outcome, Result]
"""Yields what to do, is sent what came of it (`None` after a `Sleep`), and returns or raises in the end."""
