"""The search: users doubled until that brings nothing, then rates of arrivals around what they got answered.

The knee is the highest offered rate of arrivals of which at least 99 % (and 95 % of each kind in a mix) are answered,
rightly and within their kind's latency limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.stand import Measured, Step

LEAST_GAIN = 1.05
"""A doubling of users that brings less is none."""
CLOSE_ENOUGH = 1.05
"""Between the highest rate that was sustained and the lowest that was not."""
FIRST_RATES = (0.5, 0.8, 1.0)
"""Of the closed loop's throughput."""
MOST_RATES = 6
CLOSED_SHARE = 0.3
"""Of an open step's seconds, for a closed one: it only says where to look."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How to look.

    Attributes:
        seconds: Each rate of arrivals is held for so long.
        warm_up_s: Before each step, not counted.
        arrivals: Name in `ARRIVALS`.
        most_users: Of the closed loop.
        seed: Decides when requests arrive.
    """

    seconds: float = 10.0
    warm_up_s: float = 1.0
    arrivals: str = "poisson"
    most_users: int = 256
    seed: int = 0

    def steps(self, measure: Callable[[Step], Measured]) -> Iterator[Measured]:
        """Measure step by step until the knee is known closely enough; yield each as it is done."""
        throughput = 0.0
        for measured in self._closed_steps(measure):
            throughput = max(throughput, measured.total.achieved_per_s)
            yield measured
        tried: list[tuple[float, bool]] = []
        while throughput and len(tried) < MOST_RATES and (rate := next_rate(tried, throughput)) is not None:
            measured = measure(
                Step(
                    mode="open",
                    load=rate,
                    seconds=self.seconds,
                    warm_up_s=self.warm_up_s,
                    arrivals=self.arrivals,
                    seed=self.seed,
                )
            )
            tried.append((rate, measured.sustained))
            yield measured

    def _closed_steps(self, measure: Callable[[Step], Measured]) -> Iterator[Measured]:
        """Double the users until that brings nothing twice in a row, or the server does not keep up."""
        best = 0.0
        num_in_vain = 0
        num_users = 1
        while num_users <= self.most_users and num_in_vain < 2:
            step = Step(mode="closed", load=num_users, seconds=CLOSED_SHARE * self.seconds, warm_up_s=self.warm_up_s)
            measured = measure(step)
            yield measured
            if not measured.sustained:
                return
            achieved = measured.total.achieved_per_s
            num_in_vain = 0 if achieved >= LEAST_GAIN * best else num_in_vain + 1
            best = max(best, achieved)
            num_users *= 2


def next_rate(tried: Sequence[tuple[float, bool]], throughput: float) -> float | None:
    """Return the rate to try next: the first ones in turn, then between the best that went well and the next.

    Args:
        tried: Each rate so far, and whether it was sustained.
        throughput: Of the closed loop, requests a second.

    Returns:
        Requests a second, or `None` if the two are close enough.
    """
    best = max((rate for rate, well in tried if well), default=0.0)
    worst = min((rate for rate, well in tried if not well and rate > best), default=math.inf)
    if math.isinf(worst):
        return throughput * FIRST_RATES[len(tried)] if len(tried) < len(FIRST_RATES) else best * 1.25
    if not best:
        return worst / 2
    return None if worst <= CLOSE_ENOUGH * best else math.sqrt(best * worst)


def knee_of(steps: Sequence[Measured]) -> Measured | None:
    """Return the step at the knee; `None` if no rate was sustained."""
    sustained = [each for each in steps if each.step.mode == "open" and each.sustained]
    return max(sustained, key=lambda each: each.step.load, default=None)
