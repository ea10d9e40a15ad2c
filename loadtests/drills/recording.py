"""The record of the drills: one CSV file, in which the next run of a drill replaces its rows, and a page made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from drills.judging import Finding
from resay.evaluation.rows import as_number, read_rows, replace_rows
from resay.vectors.atomic_file import atomic_file

COLUMNS = ("drill", "quantity", "value", "unit", "goal", "met", "commit", "hardware", "model", "time")
_KEY = ("drill",)
_KIND = "drills"
_HEAD = """# Resilience drills

What a server survives, and what that costs. Written by `python loadtests/drills/run.py`, and in numbers in
[{table}]({table}). A figure without a goal is there to be known.
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all rows of a run share: the commit, what computes, the model's name, and the time."""

    commit: str
    hardware: str
    model: str
    time: str


def record(path: Path, drill: str, findings: Sequence[Finding], circumstances: Circumstances) -> None:
    """Put what a drill found into the table, in the place of what it found before, and make the page again.

    Args:
        path: The CSV file; the page lies beside it, with the ending ``.md``.
        drill: Its name.
        findings: In the order in which they are to be read.
        circumstances: Of the run.

    Raises:
        CorpusError: The file is no table of drills.
    """
    rows = [row_of(drill, finding, circumstances) for finding in findings]
    replace_rows(path, rows, _KEY, required=COLUMNS, kind=_KIND)
    with atomic_file(path.with_suffix(".md")) as temporary:
        temporary.write_text(page(path.name, read_rows(path, COLUMNS, _KIND)), encoding="utf-8")


def row_of(drill: str, finding: Finding, circumstances: Circumstances) -> dict[str, object]:
    """Return a row of the table."""
    return {
        "drill": drill,
        "quantity": finding.quantity,
        "value": finding.value,
        "unit": finding.unit,
        "goal": "" if finding.goal is None else str(finding.goal),
        "met": finding.met,
        "commit": circumstances.commit,
        "hardware": circumstances.hardware,
        "model": circumstances.model,
        "time": circumstances.time,
    }


def page(table: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return the page about the rows of a table, a section a drill.

    Args:
        table: Name of the CSV file.
        rows: Those of a drill in a row.
    """
    parts = [_HEAD.format(table=table)]
    for drill, group in groupby(rows, key=lambda row: row["drill"]):
        own = list(group)
        first = own[0]
        parts.append(f"\n## {drill}\n\n{verdict(own)} {first['time']}, {first['model']}, commit {first['commit']}, ")
        parts.append(f"{first['hardware']}.\n\n| quantity | value | goal | met |\n|---|---|---|---|\n")
        parts += [f"| {row['quantity']} | {_value(row)} | {row['goal']} | {row['met']} |\n" for row in own]
    return "".join(parts)


def verdict(rows: Sequence[Mapping[str, str]]) -> str:
    """Say in a sentence how many of a drill's goals are met."""
    num_goals = sum(bool(row["goal"]) for row in rows)
    num_met = sum(row["met"] == "yes" for row in rows)
    return f"All {num_goals} goals are met." if num_met == num_goals else f"**{num_met} of {num_goals} goals are met.**"


def _value(row: Mapping[str, str]) -> str:
    number = as_number(row, "value")
    text = f"{number:,.0f}" if math.isfinite(number) and number == round(number) else f"{number:.4g}"
    return f"{text} {row['unit']}".strip()
