"""The loop that sends what is due and records what became of it."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from traffic.content import status_problem

from generator.calls import Call
from generator.connections import Answer, Transport
from generator.schedules import Schedule

SHED = "shed: too many requests in flight"
TIMEOUT = "timeout"
_SHORTEST_WAIT_S = 1e-6


@dataclass(slots=True)
class Outcome:
    """What became of one request, in the seconds of one clock.

    Attributes:
        call: The request.
        due: When it should have been sent.
        sent: When it was; not a number if it was not.
        done: When its reply was complete; infinity if there is none.
        failure: Why it failed; empty if it did not.
        answer: The reply, if it is to be looked at.
    """

    call: Call
    due: float
    sent: float = math.nan
    done: float = math.inf
    failure: str = ""
    answer: Answer | None = None


@dataclass(slots=True)
class Mark:
    """Something to do at a moment."""

    moment: float
    act: Callable[[], object]


def offer(
    schedule: Schedule,
    calls: Iterator[Call],
    transport: Transport,
    clock: Callable[[], float],
    *,
    timeout_s: float,
    marks: Sequence[Mark] = (),
) -> list[Outcome]:
    """Send requests until the schedule ends and every answer is there, or waited for in vain.

    Args:
        schedule: When they are due, and how many may be in flight; those beyond that fail as `SHED`.
        calls: The requests, without end.
        transport: What carries them.
        clock: Returns seconds.
        timeout_s: An answer is waited for so long.
        marks: What to do on the way, in the order of their moments.
    """
    outcomes: list[Outcome] = []
    waiting: dict[int, Outcome] = {}  # in the order of sending
    ahead = list(marks)
    with _no_garbage_collection():
        while True:
            now = clock()
            while ahead and now >= ahead[0].moment:
                ahead.pop(0).act()
            while (due := schedule.take(now, len(waiting))) is not None:
                outcome = Outcome(next(calls), due)
                outcomes.append(outcome)
                if len(waiting) >= schedule.most_in_flight:
                    outcome.failure = SHED
                    continue
                outcome.sent = now
                waiting[transport.send(outcome.call.request)] = outcome
            _give_up(waiting, transport, now - timeout_s)
            if now >= schedule.end and not waiting:
                return outcomes
            for answer in transport.poll(
                max(_next_moment(schedule, waiting, ahead, timeout_s) - now, _SHORTEST_WAIT_S)
            ):
                _record(waiting.pop(answer.ticket), answer)


def _next_moment(schedule: Schedule, waiting: dict[int, Outcome], ahead: list[Mark], timeout_s: float) -> float:
    """Return when to look up from waiting at the latest."""
    moments = [schedule.next_moment()]
    if waiting:
        moments.append(next(iter(waiting.values())).sent + timeout_s)
    else:
        moments.append(schedule.end)
    if ahead:
        moments.append(ahead[0].moment)
    return min(moments)


def _give_up(waiting: dict[int, Outcome], transport: Transport, sent_before: float) -> None:
    while waiting:
        ticket, oldest = next(iter(waiting.items()))
        if oldest.sent > sent_before:
            return
        transport.cancel(ticket)
        oldest.failure = TIMEOUT
        del waiting[ticket]


def _record(outcome: Outcome, answer: Answer) -> None:
    outcome.failure = answer.failure or status_problem(answer.status, answer.body)
    if not outcome.failure:
        outcome.done = answer.moment
        if outcome.call.kept:
            outcome.answer = answer


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Collecting hundreds of thousands of outcomes would stop the generator for longer than the server ever does."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
