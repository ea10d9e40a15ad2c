"""What a client measures time with; tests give one that waits for nothing."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def full_jitter(longest: float) -> float:
    """Return a random number of seconds up to the longest, so that clients refused together do not return together."""
    return random.uniform(0, longest)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time in seconds.

    Attributes:
        now: Seconds of a clock that is never set.
        wall: Seconds since 1970, for dates in replies.
        sleep: Waits.
        sleep_async: Waits, and lets other tasks run.
        jitter: Draws how long to wait, given the most.
    """

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float], float] = full_jitter
