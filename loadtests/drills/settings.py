"""What every drill is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drills.judging import Finding


@dataclass(frozen=True, slots=True)
class DrillSettings:
    """What every drill is given.

    Attributes:
        model: Exported model folder.
        seconds: How long its load lasts; where there are several loads, each of them.
    """

    model: Path
    seconds: float


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill.

    Attributes:
        run: Starts its own server, and returns what it found.
        seconds: Of `DrillSettings`, unless the user says otherwise.
        limit_s: Seconds after which the drill is broken off, beyond `limit_times` the load's.
        limit_times: See `limit_s`.
    """

    run: Callable[[DrillSettings], list[Finding]]
    seconds: float
    limit_s: float = 180.0
    limit_times: float = 3.0

    def most_seconds(self, seconds: float) -> float:
        """Return after how many seconds a drill with loads of so many is broken off."""
        return self.limit_s + self.limit_times * seconds
