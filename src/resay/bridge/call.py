"""One call, as far as it matters to the backend: how long its client waits, and what its metadata say."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

PASSED_ON = ("authorization", "x-api-key", "x-request-id", "traceparent")
"""Names of metadata that go out as headers."""

TOLD = ("x-request-id", "x-model-sha", "x-queue-time-ms", "x-compute-time-ms", "retry-after")
"""Names of headers that come back as trailing metadata."""


@runtime_checkable
class Context(Protocol):
    """What is needed of gRPC's own context of a call."""

    def invocation_metadata(self) -> Any:  # noqa: ANN401 (grpcio has no types)
        """Return names and values."""

    def time_remaining(self) -> float | None:
        """Return the seconds until the client's deadline, if it has one."""

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:  # noqa: ANN401
        """Send names and values after the reply."""

    async def abort(self, code: Any, details: str, trailing_metadata: Any) -> Any:  # noqa: ANN401
        """Answer with an error; raises."""


@dataclass(slots=True)
class Call:
    """One call.

    Attributes:
        headers: What goes out with every request for it.
        deadline: When to give up, as `time.monotonic` has it.
        told: What the backend said with its last reply, for the trailing metadata.
    """

    headers: dict[str, str] = field(repr=False)
    deadline: float
    told: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, timeout_seconds: float) -> Call:
        """Read a context.

        Args:
            context: gRPC's.
            timeout_seconds: The most that a call may take, whatever its client says.
        """
        remaining = context.time_remaining()
        seconds = timeout_seconds if remaining is None else min(remaining, timeout_seconds)
        return cls(passed_on(context.invocation_metadata() or ()), time.monotonic() + seconds)

    def seconds_left(self) -> float:
        """Return how long its client still waits; never less than a millisecond, which is what a header can say."""
        return max(0.001, self.deadline - time.monotonic())


def passed_on(metadata: Iterable[tuple[str, str | bytes]]) -> dict[str, str]:
    """Return those of a call's metadata that the backend shall have."""
    return {name: value for name, value in metadata if name in PASSED_ON and isinstance(value, str)}


def sendable(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return those names and values that metadata can have: gRPC takes printable ASCII alone."""
    return {name: value for name, value in pairs.items() if value and value.isascii() and value.isprintable()}
