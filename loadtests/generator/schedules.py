"""When requests are due: at moments of their own (open loop), or whenever a user has got an answer (closed loop)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.float64]


class Schedule(Protocol):
    """Decides when the next request is due; all moments are seconds of one clock."""

    end: float
    most_in_flight: int

    def take(self, now: float, num_in_flight: int) -> float | None:
        """Return the moment at which a request was due, once for each; `None` while none is."""

    def next_moment(self) -> float:
        """Return when to ask again at the latest, if no answer comes before."""


class ClosedLoop:
    """So many users, each of whom asks again at once when the answer is there.

    While the server stands still nobody asks, so that a stall is seen by as many requests as there are users.
    """

    def __init__(self, num_users: int, start: float, seconds: float) -> None:
        self.most_in_flight = num_users
        self.end = start + seconds

    def take(self, now: float, num_in_flight: int) -> float | None:
        """Return `now` if a user is free."""
        return now if num_in_flight < self.most_in_flight and now < self.end else None

    def next_moment(self) -> float:
        """Return infinity: only an answer frees a user."""
        return math.inf


class OpenLoop:
    """Requests at given moments, whatever became of those before; latency counts from these moments."""

    def __init__(self, moments: Moments, most_in_flight: int, end: float) -> None:
        self._moments: list[float] = [*moments.tolist(), math.inf]
        self._index = 0
        self.most_in_flight = most_in_flight
        self.end = end

    def take(self, now: float, num_in_flight: int) -> float | None:
        """Return the next moment if it has come."""
        moment = self._moments[self._index]
        if moment > now:
            return None
        self._index += 1
        return moment

    def next_moment(self) -> float:
        """Return the next moment; infinity after the last."""
        return self._moments[self._index]


def poisson_arrivals(rate: float, seconds: float, seed: int) -> Moments:
    """Return moments in [0, seconds) of a Poisson process, given that there are ``rate * seconds`` of them.

    With their number fixed, what is offered is what was asked for, and two runs differ in the server alone.
    """
    return np.sort(np.random.default_rng(seed).uniform(0, seconds, round(rate * seconds)))


def constant_arrivals(rate: float, seconds: float, seed: int) -> Moments:
    """Return moments in [0, seconds) at equal distances."""
    return np.arange(round(rate * seconds)) / rate


ARRIVALS: Mapping[str, Callable[[float, float, int], Moments]] = {
    "poisson": poisson_arrivals,
    "constant": constant_arrivals,
}
