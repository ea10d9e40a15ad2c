"""How figures are written: units, decimals, and which tasks stand in one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isnan


@dataclass(frozen=True, slots=True)
class Metric:
    """How the figures of a metric are shown.

    Attributes:
        title: Its name in a table's head.
        decimals: Of a figure; None for four significant digits.
        tolerance: Two systems that differ by no more are as good as each other; None where nothing is said of it.
        unit: Figures of one unit are drawn together; "" is not drawn.
        leads: Whether it stands in short tables, which have no room for all.
    """

    title: str
    decimals: int | None = None
    tolerance: float | None = None
    unit: str = ""
    leads: bool = True


DIGITS = 4
"""Significant digits of a figure whose unit is not known."""
PERCENT, CORRELATION = "%", "correlation"

METRICS: Mapping[str, Metric] = {
    "accuracy": Metric("accuracy", 1, 1.0, PERCENT),
    "accuracy_pair_features": Metric("accuracy, |u-v| and u·v alone", 1, 1.0, PERCENT, leads=False),
    "f1": Metric("F1", 1, 1.0, PERCENT),
    "pearson": Metric("Pearson", 3, 0.01, CORRELATION),
    "spearman": Metric("Spearman", 3, 0.01, CORRELATION, leads=False),
    "mse": Metric("MSE", 3, leads=False),
    "cosine_pearson": Metric("Pearson of cosine", 3, 0.01, CORRELATION),
    "cosine_spearman": Metric("Spearman of cosine", 3, 0.01, CORRELATION, leads=False),
    "token_accuracy": Metric("token accuracy, teacher forced", 3),
    "nats_per_token": Metric("nats/token", 2),
    "exact_reconstruction": Metric("exact, free-running greedy", 3),
}
"""The metrics whose unit is known; others are shown as they are."""

INTERVAL_ENDS = ("_low", "_high")

TASK_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Paraphrases and entailment": ("mrpc", "sick-e", "snli"),
    "Similarity": ("sts-b", "sick-r", "yelp-similarity"),
    "Classification": ("mr", "cr", "subj", "mpqa", "trec", "sst2", "sst5"),
    "Reconstruction": ("reconstruction",),
}
"""Which tasks stand in one table; each of the others has its own."""


def metric_of(name: str) -> Metric:
    """Return how a metric is shown: an unknown one under its own name; ends of intervals in long tables alone."""
    return METRICS.get(name) or Metric(name.replace("_", " "), leads=not name.endswith(INTERVAL_ENDS))


def group_tasks(tasks: Iterable[str]) -> dict[str, list[str]]:
    """Return tasks by the title of their table, in the order of `TASK_GROUPS`; groups without a task are left out."""
    given = list(dict.fromkeys(tasks))
    groups = {title: [task for task in members if task in given] for title, members in TASK_GROUPS.items()}
    grouped = {task for members in groups.values() for task in members}
    groups |= {_title(task): [task] for task in given if task not in grouped}
    return {title: members for title, members in groups.items() if members}


def _title(task: str) -> str:
    return task.replace("-", " ").capitalize()


def show_number(value: float, decimals: int | None) -> str:
    """Return a number with that many decimals, halves rounded up as they are written (0.7495 is 0.750); "" for NaN."""
    if isnan(value):
        return ""
    if decimals is None:
        return f"{value:.{DIGITS}g}"
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
