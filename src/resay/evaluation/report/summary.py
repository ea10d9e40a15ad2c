"""Rows of results by system: seeds of one training together, with their mean and deviation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import nan
from statistics import fmean, stdev

from resay.evaluation.report.metrics import METRICS, metric_of, show_number
from resay.evaluation.rows import Row, as_number

SEED = re.compile(r"-seed(\d+)$")
DEFAULT_READING = "embedding"
Measure = tuple[str, str]
"""Task and metric."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one metric of a task gave.

    Attributes:
        values: One for each seed of the training.
        note: What the rows say of them.
    """

    values: tuple[float, ...]
    note: str = ""

    @property
    def mean(self) -> float:
        """Return the mean over seeds."""
        return fmean(self.values)

    @property
    def deviation(self) -> float:
        """Return the standard deviation over seeds (of a sample, n - 1); NaN for one seed."""
        return stdev(self.values) if len(self.values) > 1 else nan


@dataclass(frozen=True, slots=True)
class Standing:
    """A system's figures.

    Attributes:
        system: Its name without a seed.
        reading: What was read off its encoder; "" for baselines.
        loss: What it was trained with; "" for baselines.
        figures: By task and metric.
        seeds: Of the trainings, as the rows have them.
    """

    system: str
    reading: str
    loss: str
    figures: dict[Measure, Figure] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return what it is called in a table: the reading stands there unless it is the usual one."""
        return f"{self.system} ({self.reading})" if self.reading not in ("", DEFAULT_READING) else self.system

    @property
    def trained(self) -> bool:
        """Return whether it is a model of resay, and no baseline."""
        return bool(self.loss)


def base_name(system: str) -> str:
    """Return a system's name without its reading and seed: "ce-seed2:latent" is "ce"."""
    return SEED.sub("", system.partition(":")[0])


def summarize(rows: Iterable[Row], *, by_seed: bool = False) -> list[Standing]:
    """Return systems with their figures: trained ones first, each in the order of names and numbers within them.

    Args:
        rows: Of a table of results.
        by_seed: Whether each training stands for itself, under its full name.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        name = str(row["system"])
        key = name.partition(":")[0] if by_seed else base_name(name)
        groups.setdefault((key, str(row["reading"])), []).append(row)
    standings = [
        Standing(system, reading, str(members[0]["loss"]), _figures(members), _distinct(members, "seed"))
        for (system, reading), members in groups.items()
    ]
    return sorted(standings, key=lambda one: (not one.trained, natural_order(one.system), one.reading))


def _figures(rows: Sequence[Row]) -> dict[Measure, Figure]:
    figures: dict[Measure, list[Row]] = {}
    for row in rows:
        figures.setdefault((str(row["task"]), str(row["metric"])), []).append(row)
    return {
        measure: Figure(tuple(as_number(row, "value") for row in members), "; ".join(_distinct(members, "note")))
        for measure, members in figures.items()
    }


def _distinct(rows: Sequence[Row], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row[name]) for row in rows if row[name] not in (None, "")))


def natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts numbers within names by their size: N = 3 comes before N = 10."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]


def measures_of(standings: Iterable[Standing], tasks: Sequence[str], *, leading: bool = False) -> list[Measure]:
    """Return the measures of tasks that any system has, in the order of tasks and of `METRICS`.

    Args:
        standings: The systems.
        tasks: The tasks.
        leading: Whether metrics that do not lead are left out.
    """
    known = dict.fromkeys(measure for one in standings for measure in one.figures)
    shown = [(task, metric) for task, metric in known if not leading or metric_of(metric).leads]
    order = list(METRICS)

    def place(measure: Measure) -> tuple[int, int]:
        task, metric = measure
        return tasks.index(task), order.index(metric) if metric in order else len(order)

    return sorted((measure for measure in shown if measure[0] in tasks), key=place)


def show_figure(standing: Standing, measure: Measure) -> str:
    """Return a figure for a table: the mean, and the deviation where there are several seeds; "" for none.

    Where some of the system's seeds were not measured, it is said how many were.
    """
    figure = standing.figures.get(measure)
    if figure is None:
        return ""
    decimals = metric_of(measure[1]).decimals
    deviation = show_number(figure.deviation, decimals)
    number, total = len(figure.values), len(standing.seeds)
    lacking = f" ({number} of {total} seeds)" if number < total else ""
    return show_number(figure.mean, decimals) + (f" ± {deviation}" if deviation else "") + lacking
