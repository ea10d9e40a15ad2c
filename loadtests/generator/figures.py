"""What many outcomes come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.offering import SHED, Outcome

LEAST_SHARE = 0.99
"""Of all arrivals, that must be answered in time."""
LEAST_SHARE_OF_KIND = 0.95
"""Of each kind's arrivals in a mix."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Of the requests of one step, or of one kind among them.

    Percentiles are of all arrivals: one without a right answer counts as infinitely late.

    Attributes:
        offered_per_s: Arrivals a second; in a closed loop, requests sent.
        achieved_per_s: Right answers a second.
        goodput_per_s: Right answers within their kind's limit, a second.
        texts_per_s: Texts of the right answers, a second.
        p50_ms: Percentile of the latency from the moment at which a request was due.
        p90_ms: The same.
        p95_ms: The same.
        p99_ms: The same.
        max_ms: Longest latency of a right answer.
        requests: Arrivals.
        failures: Arrivals without a right answer; the next two are among them.
        shed: Not sent, because too many were in flight.
        wrong: Answered with status 200 and wrong content.
        checked: Answers whose content was looked at.
        in_time_share: Right answers within the limit, over arrivals.
        lag_p99_ms: How late the generator itself sent, 99th percentile: above all a sign that it was the bottleneck.
        failure: The commonest failure, with its number; empty if there was none.
    """

    offered_per_s: float
    achieved_per_s: float
    goodput_per_s: float
    texts_per_s: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    requests: int
    failures: int
    shed: int
    wrong: int
    checked: int
    in_time_share: float
    lag_p99_ms: float
    failure: str


def figures(outcomes: Sequence[Outcome], seconds: float, limits_ms: Mapping[str, float], wrong: set[int]) -> Figures:
    """Return the figures of the requests that were due within so many seconds.

    Args:
        outcomes: What became of them.
        seconds: Length of the step.
        limits_ms: Latency limit of each kind.
        wrong: The `id` of each outcome whose content was wrong.
    """
    latencies = sorted(1e3 * (outcome.done - outcome.due) for outcome in outcomes)
    right = [outcome for outcome in outcomes if not outcome.failure]
    in_time = [each for each in right if 1e3 * (each.done - each.due) <= limits_ms[each.call.kind]]
    finite = [latency for latency in latencies if math.isfinite(latency)]
    failed = Counter(outcome.failure for outcome in outcomes if outcome.failure)
    return Figures(
        offered_per_s=len(outcomes) / seconds,
        achieved_per_s=len(right) / seconds,
        goodput_per_s=len(in_time) / seconds,
        texts_per_s=sum(len(outcome.call.texts) for outcome in right) / seconds,
        p50_ms=percentile(latencies, 0.5),
        p90_ms=percentile(latencies, 0.9),
        p95_ms=percentile(latencies, 0.95),
        p99_ms=percentile(latencies, 0.99),
        max_ms=finite[-1] if finite else math.nan,
        requests=len(outcomes),
        failures=sum(failed.values()),
        shed=failed[SHED],
        wrong=sum(id(outcome) in wrong for outcome in outcomes),
        checked=sum(outcome.answer is not None for outcome in outcomes),
        in_time_share=len(in_time) / len(outcomes) if outcomes else math.nan,
        lag_p99_ms=percentile(_lags_ms(outcomes), 0.99),
        failure="".join(f"{name} ({number})" for name, number in failed.most_common(1)),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that so many are not above (nearest rank); not a number of none."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else math.nan


def _lags_ms(outcomes: Iterable[Outcome]) -> list[float]:
    return sorted(1e3 * (outcome.sent - outcome.due) for outcome in outcomes if not math.isnan(outcome.sent))


def is_sustained(total: Figures, of_kinds: Iterable[Figures]) -> bool:
    """Whether the server keeps up with what is offered: enough is answered in time, and nothing wrongly."""
    return (
        not total.wrong
        and total.in_time_share >= LEAST_SHARE
        and all(kind.in_time_share >= LEAST_SHARE_OF_KIND for kind in of_kinds if kind.requests)
    )
