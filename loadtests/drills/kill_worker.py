"""kill-worker: the only worker of encode dies under half of the load that it can take, and is replaced."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from generator.offering import Mark

from drills.asks import encode_asks
from drills.judging import Finding, at_most, exactly
from drills.load import Load
from drills.outcomes import FAILED, Outcome, num_of, tell
from drills.running import running_server
from drills.settings import DrillSettings

TEXTS_A_REQUEST = 64
SHARE_OF_CAPACITY = 0.5
MOST_SECONDS_AWAY = 15.0
_KILL_AT = 1 / 3
_POLL_S = 0.001


@dataclass(frozen=True, slots=True)
class Kill:
    """When it was, in the seconds of `time.monotonic`, and the requests without a reply at that moment."""

    moment: float
    num_in_flight: int


def drill(settings: DrillSettings) -> list[Finding]:
    """Load the server, kill its worker, and look at every reply."""
    asks = encode_asks(settings.model, TEXTS_A_REQUEST)
    kills: list[Kill] = []
    with running_server(settings.model, ["encode"]) as server, Load(server.url) as load:
        rate = SHARE_OF_CAPACITY * load.capacity(asks, settings.seconds / 4)
        worker = server.worker_pid("encode")

        def kill_if_busy() -> None:
            # One that has nothing to do would die unnoticed.
            if load.num_in_flight and not kills:
                os.kill(worker, signal.SIGKILL)
                kills.append(Kill(time.monotonic(), load.num_in_flight))

        start = time.monotonic() + settings.seconds * _KILL_AT
        tries = [Mark(start + number * _POLL_S, kill_if_busy) for number in range(int(settings.seconds / 3 / _POLL_S))]
        outcomes = load.open_loop(asks, [(rate, settings.seconds)], tries)
    print(f"  {tell(outcomes, *FAILED)}", flush=True)
    if not kills:
        raise RuntimeError("no request was in flight when the worker was to be killed; give the load more seconds")
    return [Finding("offered load", rate, "requests/s"), *judge(kills[0], outcomes)]


def judge(kill: Kill, outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return what the outcomes of a load amount to whose worker was killed."""
    in_flight = [outcome for outcome in outcomes if outcome.sent <= kill.moment < outcome.ended]
    later = [outcome for outcome in outcomes if outcome.sent > kill.moment]
    back = min((outcome.ended for outcome in later if outcome.kind == "right"), default=math.inf)
    return [
        Finding("requests", len(outcomes), "requests"),
        Finding("in flight at the kill", kill.num_in_flight, "requests"),
        Finding("failed", num_of(outcomes, *FAILED), "requests", at_most(kill.num_in_flight)),
        Finding("failed, of those sent after the kill", num_of(later, *FAILED), "requests"),
        Finding("failed with a 5xx that says why", num_of(outcomes, "server error"), "requests"),
        Finding("failed with another 5xx", num_of(outcomes, "unclean error"), "requests", exactly(0)),
        Finding("connection errors", num_of(outcomes, "no reply"), "requests", exactly(0)),
        Finding("in flight and answered all the same", num_of(in_flight, "right"), "requests"),
        Finding("refused, the queue being full", num_of(outcomes, "refused"), "requests"),
        Finding("wrong replies of status 200", num_of(outcomes, "wrong"), "replies", exactly(0)),
        Finding("other replies", num_of(outcomes, "client error"), "replies", exactly(0)),
        Finding("first right reply to a later request", back - kill.moment, "s", at_most(MOST_SECONDS_AWAY)),
    ]
