"""What rows of a table come down to: a mean over seeds and how far they lie apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import mean, stdev

from resay.evaluation.rows import Row, as_number
from resay.evaluation.tables.columns import Column

NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one row, reading and column, one a seed.

    Attributes:
        values: Those that were measured, by seed.
        wanted: The seeds that there should be.
    """

    values: Mapping[int, float]
    wanted: tuple[int, ...]

    @property
    def mean(self) -> float | None:
        """Return the mean; None where nothing was measured."""
        return mean(self.values.values()) if self.values else None

    @property
    def deviation(self) -> float | None:
        """Return the sample deviation (n − 1 below the sum of squares); None for fewer than two seeds."""
        return stdev(self.values.values()) if len(self.values) > 1 else None

    @property
    def complete(self) -> bool:
        """Return whether every seed that is wanted was measured."""
        return len(self.values) == len(self.wanted)

    def text(self, decimals: int) -> str:
        """Return "mean ± deviation", with the number of seeds where some are missing."""
        if self.mean is None:
            return NOT_MEASURED
        spread = "" if self.deviation is None else f" ± {self.deviation:.{decimals}f}"
        lacking = "" if self.complete else f" ({len(self.values)} of {len(self.wanted)} seeds)"
        return f"{self.mean:.{decimals}f}{spread}{lacking}"


@dataclass(frozen=True, slots=True)
class Results:
    """Rows of measurements, found by what they are of.

    Attributes:
        rows: As `resay.evaluation.rows.read_rows` returns them.
        seeds: Those that are wanted of each row.
    """

    rows: Sequence[Row]
    seeds: tuple[int, ...]

    def cell(self, row: str, reading: str, column: Column, seeds: Sequence[int] = ()) -> Cell:
        """Return the figures of a row of the table; of other seeds than the usual ones if some are given."""
        wanted = tuple(seeds) or self.seeds
        found = {seed: self.value(f"{row}-seed{seed}", reading, column) for seed in wanted}
        return Cell({seed: value for seed, value in found.items() if not isnan(value)}, wanted)

    def value(self, system: str, reading: str, column: Column) -> float:
        """Return one figure; NaN where it was not measured."""
        place = (system, reading, column.task, column.metric)
        for row in self.rows:
            if (row["system"], row["reading"], row["task"], row["metric"]) == place:
                return as_number(row, "value")
        return float("nan")

    def note(self, task: str) -> str:
        """Return what the rows of a task say besides their figures, such as "20k train pairs"."""
        notes = dict.fromkeys(row["note"] for row in self.rows if row["task"] == task and row["note"])
        return ", ".join(notes)

    def title(self, column: Column) -> str:
        """Return what stands above a column, with what its rows say besides their figures."""
        note = self.note(column.task)
        return f"{column.title} ({note})" if note else column.title


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether one cell lies above another by more than seeds lie apart.

    Attributes:
        by: Difference of the means.
        spread: Sum of the two sample deviations; None where a cell has fewer than two seeds, or lacks one.
    """

    by: float
    spread: float | None

    @property
    def ahead(self) -> bool | None:
        """Return whether `by` is more than the spread; None where nothing is known of the spread."""
        return None if self.spread is None else self.by > self.spread

    @property
    def behind(self) -> bool | None:
        """Return whether it is less than the spread below zero."""
        return None if self.spread is None else -self.by > self.spread


def difference(one: Cell, other: Cell) -> Difference | None:
    """Return how far the first cell lies above the other one; None where one of them was not measured."""
    if one.mean is None or other.mean is None:
        return None
    by = one.mean - other.mean
    # Two seeds of three may lie together by chance: nothing is decided before all are measured.
    if one.deviation is None or other.deviation is None or not (one.complete and other.complete):
        return Difference(by, None)
    return Difference(by, one.deviation + other.deviation)
