"""What rows say of variants: figures, gains, and whether a gain may be chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from types import MappingProxyType

from resay.evaluation.embeddings.graded import CHOICE_TASKS
from resay.evaluation.embeddings.measuring import GAIN, GAIN_HIGH, GAIN_LOW, PEARSON
from resay.evaluation.embeddings.variants import VARIANTS
from resay.evaluation.rows import Row, as_number

DECIMALS = 3
VERDICTS = MappingProxyType({1: "raises", -1: "lowers", 0: "makes no clear difference on"})


@dataclass(frozen=True, slots=True)
class Gain:
    """A difference of two correlations, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """Return 1 or −1 where the interval lies above or below 0, and 0 where the gain may be chance."""
        return (self.low > 0) - (self.high < 0)

    @property
    def text(self) -> str:
        """Return it with its sign, in italics where it may be chance."""
        decimals = DECIMALS if abs(self.value) >= 10**-DECIMALS else DECIMALS + 1
        number = f"{self.value:+.{decimals}f}"
        return number if self.sign else f"*{number}*"


@dataclass(frozen=True)
class Figures:
    """Rows of `training/embeddings.py`, found by what they are of."""

    rows: Sequence[Row]

    @cached_property
    def _values(self) -> dict[tuple[str, str, str], float]:
        return {(row["system"], row["task"], row["metric"]): as_number(row, "value") for row in self.rows}

    def value(self, variant: str, task: str, metric: str = PEARSON) -> float:
        """Return a figure; NaN where it was not measured."""
        return self._values.get((variant, task, metric), float("nan"))

    def gain(self, variant: str, task: str) -> Gain | None:
        """Return what a variant gains over the one that it is held against; None where that was not measured."""
        found = [self.value(variant, task, metric) for metric in (GAIN, GAIN_LOW, GAIN_HIGH)]
        return None if any(map(isnan, found)) else Gain(*found)

    def is_measured(self, variant: str) -> bool:
        """Return whether there is any figure of a variant."""
        return any(name == variant for name, _, _ in self._values)

    def tasks(self, known: Iterable[str]) -> list[str]:
        """Return those of some tasks that anything was measured on."""
        measured = {task for _, task, _ in self._values}
        return [task for task in known if task in measured]

    def by_sign(self, variant: str) -> dict[int, list[tuple[str, Gain]]]:
        """Return the gains on which choices are made, by whether they are above 0, below, or neither."""
        found: dict[int, list[tuple[str, Gain]]] = {1: [], -1: [], 0: []}
        for task in CHOICE_TASKS:
            gain = self.gain(variant, task)
            if gain is not None:
                found[gain.sign].append((task, gain))
        return found

    def helps(self, variant: str) -> bool:
        """Return whether a variant raises one of the figures on which choices are made, and lowers none."""
        signs = self.by_sign(variant)
        return bool(signs[1]) and not signs[-1]

    def what_is_gained(self, variant: str) -> str:
        """Return in words what a variant does to the figures on which choices are made."""
        parts = [
            f"{VERDICTS[sign]} " + ", ".join(f"{title(task)} ({gain.text})" for task, gain in found)
            for sign, found in self.by_sign(variant).items()
            if found
        ]
        return "; ".join(parts) or "was not measured against anything"


def measured_variants(figures: Figures, section: str, group: str | None = None) -> list[str]:
    """Return the variants of a section of the page, or of one of its groups, that there are figures of."""
    return [
        name
        for name, one in VARIANTS.items()
        if one.section == section and group in (None, one.group) and figures.is_measured(name)
    ]


TITLES = MappingProxyType(
    {
        "sts-b-train": "STS-B train",
        "sts-b-dev": "STS-B dev",
        "sts-b-test": "STS-B test",
        "yelp-similarity-dev": "in-domain dev",
        "yelp-similarity-test": "in-domain test",
    }
)


def title(task: str) -> str:
    """Return how a task is called on the page."""
    return TITLES.get(task, task)
