"""When to try something again that has failed."""

from __future__ import annotations

import time

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0


class Retries:
    """At once if something else is wanted than what has failed; otherwise after 1, 2, 4, … at last 60 seconds."""

    def __init__(self) -> None:
        self._failed: object = None
        self._wait_s = 0.0
        self._next = 0.0

    def is_due(self, wanted: object) -> bool:
        """Whether to try now."""
        return self._wait_s == 0.0 or wanted != self._failed or time.monotonic() >= self._next

    def failed(self, wanted: object) -> float:
        """Note that it did not work; return the seconds to the next try."""
        again = self._wait_s > 0.0 and wanted == self._failed
        self._wait_s = min(_LONGEST_WAIT_S, 2 * self._wait_s) if again else _FIRST_WAIT_S
        self._failed = wanted
        self._next = time.monotonic() + self._wait_s
        return self._wait_s

    def succeeded(self) -> None:
        """Note that it worked."""
        self._failed, self._wait_s = None, 0.0
