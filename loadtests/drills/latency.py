"""latency: one client that asks for one sentence after the other, on one connection."""

from __future__ import annotations

from collections.abc import Sequence

from generator.figures import percentile

from drills.asks import encode_asks
from drills.judging import Finding, at_most, exactly
from drills.load import Load
from drills.outcomes import Outcome, num_of
from drills.running import running_server
from drills.settings import DrillSettings

MOST_MS = 2.0


def drill(settings: DrillSettings) -> list[Finding]:
    """Ask, a third of the time to get warm, the rest for the record."""
    asks = encode_asks(settings.model, 1, "float")
    with running_server(settings.model, ["encode"]) as server, Load(server.url) as load:
        load.closed_loop(asks, settings.seconds / 3, num_users=1)
        return judge(load.closed_loop(asks, settings.seconds * 2 / 3, num_users=1))


def judge(outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return percentiles of the time to a right reply."""
    milliseconds = sorted(1e3 * outcome.seconds for outcome in outcomes if outcome.kind == "right")
    return [
        Finding("requests", len(outcomes), "requests"),
        Finding("not answered rightly", len(outcomes) - num_of(outcomes, "right"), "requests", exactly(0)),
        Finding("p50", percentile(milliseconds, 0.5), "ms", at_most(MOST_MS)),
        Finding("p90", percentile(milliseconds, 0.9), "ms"),
        Finding("p99", percentile(milliseconds, 0.99), "ms"),
    ]
