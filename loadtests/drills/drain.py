"""drain: SIGTERM to the edge, and then to the server behind it, at 80 % of the load that the two can take.

A request counts as accepted if it was sent before the SIGTERM, or if the edge has read it, as its access log tells.
One that comes later finds nobody who listens, or a kept connection that is closed unread; HTTP lets a client send that
one again elsewhere.
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.offering import Mark

from drills.asks import Ask, encode_asks
from drills.judging import Finding, at_least, at_most, exactly
from drills.load import Load
from drills.outcomes import NOT_RIGHT, Outcome, num_of, tell
from drills.running import STOP_TIMEOUT_S, running_edge, running_server
from drills.settings import DrillSettings

TEXTS_A_REQUEST = 16
SHARE_OF_CAPACITY = 0.8
NOTICE_S = 1.0
MOST_SECONDS = 30.0
"""As long as the edge waits for what it has accepted."""
_AFTER_S = 2.0
_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Stop:
    """How it went.

    Attributes:
        moment: Of the SIGTERM to the edge, in seconds of `time.monotonic`.
        seconds: Until the edge had ended.
        edge_status: Its exit status.
        server_status: That of the server, which had its SIGTERM then.
        ids_read: Of the requests that the edge has read.
    """

    moment: float
    seconds: float
    edge_status: int
    server_status: int
    ids_read: frozenset[str]


def drill(settings: DrillSettings) -> list[Finding]:
    """Load the edge, ask it to stop while the load goes on, then the server."""
    asks = encode_asks(settings.model, TEXTS_A_REQUEST)
    moments: list[float] = []
    with (
        running_server(settings.model, ["encode"]) as server,
        running_edge(server, ["encode"], NOTICE_S) as edge,
        Load(edge.url) as load,
    ):
        rate = SHARE_OF_CAPACITY * load.capacity(asks, settings.seconds / 4)
        named = [named_ask(asks[number % len(asks)], number) for number in range(math.ceil(rate * settings.seconds))]

        def stop_or_look() -> None:
            if not moments:
                edge.script.process.send_signal(signal.SIGTERM)
                moments.append(time.monotonic())
            elif len(moments) == 1 and edge.script.process.poll() is not None:
                moments.append(time.monotonic())

        first = time.monotonic() + max(settings.seconds - NOTICE_S - _AFTER_S, settings.seconds / 2)
        marks = [Mark(first + number * _POLL_S, stop_or_look) for number in range(int(settings.seconds / _POLL_S))]
        outcomes = load.open_loop(named, [(rate, settings.seconds)], marks)
        edge_status = edge.script.process.wait(STOP_TIMEOUT_S)
        moments.append(time.monotonic())
        stop = Stop(moments[0], moments[1] - moments[0], edge_status, server.script.stop(), edge.ids_read())
    return [Finding("offered load", rate, "requests/s"), *judge(stop, outcomes)]


def named_ask(ask: Ask, number: int) -> Ask:
    """Return a request with an id of its own."""
    return replace(ask, headers={**ask.headers, "X-Request-Id": request_id(number)})


def request_id(number: int) -> str:
    """Return the id of a request, by its place among all."""
    return f"drill-{number}"


def judge(stop: Stop, outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return what became of the requests that were accepted, and of the others."""
    accepted: list[Outcome] = []
    others: list[Outcome] = []
    for number, outcome in enumerate(outcomes):
        is_accepted = outcome.sent < stop.moment or request_id(number) in stop.ids_read
        (accepted if is_accepted else others).append(outcome)
    in_flight = [outcome for outcome in accepted if outcome.sent < stop.moment <= outcome.ended]
    later = [outcome for outcome in accepted if outcome.sent >= stop.moment]
    print(f"  accepted: {tell(accepted, *NOT_RIGHT)}; others: {tell(others, *NOT_RIGHT)}", flush=True)
    return [
        Finding("accepted", len(accepted), "requests", at_least(1)),
        Finding("accepted, in flight at the SIGTERM", len(in_flight), "requests"),
        Finding("accepted after the SIGTERM", len(later), "requests"),
        Finding("accepted and not answered rightly", len(accepted) - num_of(accepted, "right"), "requests", exactly(0)),
        Finding("not accepted", len(others), "requests"),
        Finding(
            "not accepted and answered all the same", len(others) - num_of(others, "no reply"), "replies", exactly(0)
        ),
        Finding("from SIGTERM to the end of the edge", stop.seconds, "s", at_most(NOTICE_S + MOST_SECONDS)),
        Finding("exit status of the edge", stop.edge_status, "", exactly(0)),
        Finding("exit status of the server", stop.server_status, "", exactly(0)),
    ]
