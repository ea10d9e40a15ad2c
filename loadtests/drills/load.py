"""Load on one server: the generator of the load tests, with each reply judged as it comes."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np
from generator.calls import Call
from generator.connections import Answer, Connections
from generator.offering import SHED, TIMEOUT, Mark, offer
from generator.schedules import ClosedLoop, OpenLoop, Schedule, constant_arrivals
from generator.stand import headers_of
from traffic.content import Reply

from drills.asks import Ask
from drills.outcomes import Outcome, kind_of, right_rate

CAPACITY_USERS = 64
MOST_IN_FLIGHT = 900
"""More than a server ought to let wait, and fewer than a process may have sockets; the rest counts as failed."""
_TOLD_CHARACTERS = 160


@dataclass(slots=True)
class _Sent:
    ask: Ask
    sent: float
    outcome: Outcome | None = None


@dataclass(slots=True)
class Load:
    """Connections to one server, kept from one load to the next; a context manager that closes them.

    Attributes:
        url: Such as ``http://127.0.0.1:8080``.
        timeout_s: A reply is waited for so long.
    """

    url: str
    timeout_s: float = 60.0
    _connections: Connections = field(init=False)
    _calls: dict[Ask, Call] = field(default_factory=dict)
    _asks: dict[bytes, Ask] = field(default_factory=dict)
    _waiting: dict[int, _Sent] = field(default_factory=dict)
    _all: list[_Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connections = Connections(self.url, time.monotonic)

    def __enter__(self) -> Load:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connections.close()

    @property
    def num_in_flight(self) -> int:
        """Requests without a reply at this moment."""
        return len(self._waiting)

    @property
    def num_ended(self) -> int:
        """Requests of the present load that are over."""
        return len(self._all) - len(self._waiting)

    def open_loop(
        self, asks: Sequence[Ask], steps: Sequence[tuple[float, float]], marks: Sequence[Mark] = ()
    ) -> list[Outcome]:
        """Send evenly, whatever the server does; return once each request has an outcome.

        Args:
            asks: What is sent, in this order, again and again.
            steps: Requests a second, and for how many seconds; without a pause between them.
            marks: What to do on the way.
        """
        end = time.monotonic()
        moments = []
        for rate, seconds in steps:
            moments.append(end + constant_arrivals(rate, seconds, 0))
            end += seconds
        schedule = OpenLoop(np.concatenate(moments), MOST_IN_FLIGHT, end)
        return self.follow(schedule, itertools.cycle(asks), marks)

    def closed_loop(self, asks: Sequence[Ask], seconds: float, num_users: int) -> list[Outcome]:
        """Keep so many requests under way."""
        return self.follow(ClosedLoop(num_users, time.monotonic(), seconds), itertools.cycle(asks))

    def at_once(self, asks: Sequence[Ask], after_s: Sequence[float] | None = None) -> list[Outcome]:
        """Send each request once, all of them together or after so many seconds each, in rising order."""
        moments = time.monotonic() + np.array(after_s or [0.0] * len(asks))
        return self.follow(OpenLoop(moments, len(asks), float(moments[-1])), iter(asks))

    def capacity(self, asks: Sequence[Ask], seconds: float) -> float:
        """Return the right replies a second to `CAPACITY_USERS`, after half as long a time to get warm.

        Raises:
            RuntimeError: There was none.
        """
        self.closed_loop(asks, seconds / 2, CAPACITY_USERS)
        start = time.monotonic()
        outcomes = self.closed_loop(asks, seconds, CAPACITY_USERS)
        found = right_rate(outcomes, start, time.monotonic())
        if not found:
            raise RuntimeError(f"{self.url} gave no right reply: {outcomes[0].kind} {outcomes[0].told}")
        return found

    def follow(self, schedule: Schedule, asks: Iterator[Ask], marks: Iterable[Mark] = ()) -> list[Outcome]:
        """Send requests as a schedule says, each with a moment's mark on the way; return their outcomes in order."""
        self._all = []
        offered = offer(
            schedule, map(self._call, asks), self, time.monotonic, timeout_s=self.timeout_s, marks=list(marks)
        )
        sent = iter(self._all)
        return [_outcome(each.due, next(sent) if each.failure != SHED else None) for each in offered]

    def send(self, request: bytes) -> int:
        """Send a request for the generator."""
        ticket = self._connections.send(request)
        self._waiting[ticket] = _Sent(self._asks[request], time.monotonic())
        self._all.append(self._waiting[ticket])
        return ticket

    def poll(self, timeout_s: float) -> list[Answer]:
        """Return the answers that are there; judged, since they are too many to be kept."""
        answers = self._connections.poll(timeout_s)
        for answer in answers:
            sent = self._waiting.pop(answer.ticket)
            sent.outcome = _judged(sent, answer)
        return answers

    def cancel(self, ticket: int) -> None:
        """Give a request up."""
        self._connections.cancel(ticket)
        sent = self._waiting.pop(ticket)
        sent.outcome = Outcome(math.nan, sent.sent, time.monotonic(), "no reply", told=TIMEOUT)

    def _call(self, ask: Ask) -> Call:
        if ask not in self._calls:
            self._calls[ask] = Call(ask.path, (), ask.request(self.url), kept=False)
            self._asks[self._calls[ask].request] = ask
        return self._calls[ask]


def _judged(sent: _Sent, answer: Answer) -> Outcome:
    if answer.failure:
        return Outcome(math.nan, sent.sent, answer.moment, "no reply", told=answer.failure)
    kind = kind_of(sent.ask, Reply(answer.status, answer.body, headers_of(answer)))
    told = "" if kind == "right" else f"{answer.status} {answer.body[:_TOLD_CHARACTERS].decode(errors='replace')!r}"
    return Outcome(math.nan, sent.sent, answer.moment, kind, answer.status, told)


def _outcome(due: float, sent: _Sent | None) -> Outcome:
    if sent is None or sent.outcome is None:
        return Outcome(due, math.inf, due, "no reply", told=SHED)
    return replace(sent.outcome, due=due)
