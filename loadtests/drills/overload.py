"""overload: twice the load that the server can take, and then just as much as it can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.figures import percentile

from drills.asks import encode_asks, paraphrase_asks
from drills.judging import Finding, at_least, at_most, exactly
from drills.load import Load
from drills.outcomes import FAILED, Outcome, num_of, right_rate, tell
from drills.running import running_server
from drills.settings import DrillSettings

TEXTS_A_REQUEST = 64
TIMES_CAPACITY = 2.0
LEAST_SHARE = 0.9
MOST_REFUSAL_MS = 100.0
MOST_SECONDS_WAITED = 10.0
"""For a reply to a request that was accepted."""
_CAPACITY_S = 10.0


@dataclass(frozen=True, slots=True)
class Phase:
    """A load of so many requests a second, what became of it, and the right replies a second while it lasted."""

    rate: float
    outcomes: Sequence[Outcome]
    goodput: float


def drill(settings: DrillSettings) -> list[Finding]:
    """Overload each endpoint for the given time, and watch it recover for half as long."""
    asked = {"encode": encode_asks(settings.model, TEXTS_A_REQUEST), "paraphrase": paraphrase_asks()}
    during, after = settings.seconds, settings.seconds / 2
    findings: list[Finding] = []
    for endpoint, asks in asked.items():
        with running_server(settings.model, [endpoint]) as server, Load(server.url) as load:
            capacity = load.capacity(asks, min(_CAPACITY_S, after))
            outcomes = load.open_loop(asks, [(TIMES_CAPACITY * capacity, during), (capacity, after)])
        print(f"  {endpoint}: {tell(outcomes, *FAILED)}", flush=True)
        findings += judge(endpoint, capacity, phases(capacity, outcomes, during, after))
    return findings


def phases(capacity: float, outcomes: Sequence[Outcome], during: float, after: float) -> dict[str, Phase]:
    """Return the two phases of a load, by name.

    Args:
        capacity: Of which the second phase offers as much, the first one twice as much.
        outcomes: Of both.
        during: Seconds of the first phase. Its goodput is that after a sixth of it, when the queue is full.
        after: Seconds of the second one.
    """
    turn = outcomes[0].due + during
    return {
        "overload": Phase(
            TIMES_CAPACITY * capacity,
            [outcome for outcome in outcomes if outcome.due < turn],
            right_rate(outcomes, turn - during * 5 / 6, turn),
        ),
        "afterwards": Phase(
            capacity,
            [outcome for outcome in outcomes if outcome.due >= turn],
            right_rate(outcomes, turn, turn + after),
        ),
    }


def judge(endpoint: str, capacity: float, found: Mapping[str, Phase]) -> list[Finding]:
    """Return what the two loads amount to."""
    findings = [Finding(f"{endpoint}: capacity", capacity, "requests/s")]
    for name, phase in found.items():
        outcomes, said = phase.outcomes, f"{endpoint}, {name}"
        accepted = sorted(outcome.seconds for outcome in outcomes if outcome.kind == "right")
        findings += [
            Finding(f"{said}: offered", phase.rate, "requests/s"),
            Finding(f"{said}: goodput", phase.goodput, "requests/s"),
            Finding(f"{said}: goodput over capacity", phase.goodput / capacity, "", at_least(LEAST_SHARE)),
            Finding(f"{said}: refused", num_of(outcomes, "refused"), "requests"),
            Finding(f"{said}: failed", num_of(outcomes, *FAILED), "requests", exactly(0)),
            Finding(f"{said}: wrong replies", num_of(outcomes, "wrong", "client error"), "replies", exactly(0)),
            Finding(f"{said}: p50 of the accepted", percentile(accepted, 0.5), "s"),
            Finding(f"{said}: longest of the accepted", percentile(accepted, 1), "s", at_most(MOST_SECONDS_WAITED)),
        ]
    refused = sorted(1e3 * outcome.seconds for outcome in found["overload"].outcomes if outcome.kind == "refused")
    if refused:
        findings += [
            Finding(f"{endpoint}: p50 of a refusal", percentile(refused, 0.5), "ms"),
            Finding(f"{endpoint}: p99 of a refusal", percentile(refused, 0.99), "ms", at_most(MOST_REFUSAL_MS)),
        ]
    return findings
