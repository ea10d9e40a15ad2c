"""What a drill found: figures, what they ought to be, and whether they are."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from types import MappingProxyType

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "=": operator.eq}
)
_FEWEST_VALUES = 4


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure ought to be: a sign of `COMPARISONS`, and a number in the figure's own unit."""

    sign: str
    number: float

    def is_met(self, value: float) -> bool:
        """Whether a value is as it ought to be; NaN never is."""
        return COMPARISONS[self.sign](value, self.number)

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of a drill; without a goal it is there to be known."""

    quantity: str
    value: float
    unit: str
    goal: Goal | None = None

    @property
    def met(self) -> str:
        """Say "yes" or "no", or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "yes" if self.goal.is_met(self.value) else "no"


def at_most(number: float) -> Goal:
    """Return the goal of a figure that must not be greater."""
    return Goal("<=", number)


def at_least(number: float) -> Goal:
    """Return the goal of a figure that must not be smaller."""
    return Goal(">=", number)


def exactly(number: float) -> Goal:
    """Return the goal of a count that must be just so."""
    return Goal("=", number)


def slope_growth(places: Sequence[float], values: Sequence[float]) -> float:
    """Return by what share of their mean the values of the second half grow, along the line through them.

    Args:
        places: Where each value was taken, such as the number of requests answered by then; rising.
        values: As many, positive.

    Returns:
        A share: 0.05 is a growth by 5 % from the middle to the end. NaN of too few values.
    """
    if len(values) < _FEWEST_VALUES:
        return math.nan
    middle = (places[0] + places[-1]) / 2
    points = [(place, value) for place, value in zip(places, values, strict=True) if place >= middle]
    mean_place, mean_value = fmean(place for place, _ in points), fmean(value for _, value in points)
    spread = sum((place - mean_place) ** 2 for place, _ in points)
    if not spread:
        return math.nan
    slope = sum((place - mean_place) * (value - mean_value) for place, value in points) / spread
    return slope * (places[-1] - middle) / mean_value


def late_growth(places: Sequence[float], values: Sequence[float], warm_up: float = 0.2) -> float:
    """Return by what share the last tenth's median exceeds that of the tenth after the warm-up; NaN of too few values.

    Args:
        places: As for `slope_growth`.
        values: As many, positive.
        warm_up: Share of the way, from the first place to the last, that does not count.
    """
    if len(values) < _FEWEST_VALUES:
        return math.nan
    first, length = places[0], places[-1] - places[0]

    def between(start: float, end: float) -> list[float]:
        return [
            value
            for place, value in zip(places, values, strict=True)
            if first + start * length <= place <= first + end * length
        ]

    early, late = between(warm_up, warm_up + 0.1), between(0.9, 1.0)
    return median(late) / median(early) - 1 if early and late else math.nan
