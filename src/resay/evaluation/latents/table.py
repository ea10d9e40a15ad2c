"""Tables of measurements: CSV files in which the rows of a run are written, and replaced, together."""

import csv
from collections.abc import Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

from resay.errors import CorpusError
from resay.vectors.atomic_file import atomic_file

PLACE = ("input", "run")
"""What rows are of; a later measurement of the same takes their place."""
DIGITS = 6
"""Significant digits of a number in a table."""

Row = Mapping[str, Any]


def read_rows(table: Path) -> list[dict[str, str]]:
    """Return the rows of a table, none if there is no such file yet.

    Raises:
        CorpusError: If it is another table.
    """
    if not table.exists():
        return []
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    missing = [name for name in (*PLACE, "created") if rows and name not in rows[0]]
    if missing:
        raise CorpusError(f"{table}: is no table of latents, as it lacks {', '.join(missing)}; name another folder")
    return rows


def as_cell(value: object) -> str:
    """Return a value as it is written: numbers that are no integers with six significant digits, None as nothing."""
    if value is None:
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def as_number(row: Row, name: str) -> float:
    """Return a cell as a number; NaN where it is empty or missing."""
    text = str(row.get(name) or "")
    return float(text) if text else nan


def rows_of(rows: Sequence[Row], head: Row) -> list[Row]:
    """Return the rows that agree with all cells of a head: those of the same measurement, if it was made."""
    wanted = {name: as_cell(value) for name, value in head.items()}
    return [row for row in rows if all(as_cell(row.get(name)) == text for name, text in wanted.items())]


def require_one_input(table: Path, row: Row) -> None:
    """Check that a table of measurements on texts has those of one input; classifiers may have several.

    Raises:
        CorpusError: If it has another.
    """
    if "features" in row:
        return
    others = {old["input"] for old in read_rows(table)} - {as_cell(row["input"])}
    if others:
        raise CorpusError(
            f"{table}: has measurements on {', '.join(sorted(others))}, and these are on {row['input']}; name another"
            " folder, so that tables and findings compare runs on the same sentences"
        )


def replace_rows(table: Path, rows: Sequence[Row]) -> None:
    """Put the rows of one run into a table, in the place of those measured before; the file is whole at any moment.

    Raises:
        CorpusError: If the file is another table, or of another input where a table has one only.
    """
    if not rows:
        return
    require_one_input(table, rows[0])
    place = [as_cell(rows[0][name]) for name in PLACE]
    kept: list[Row] = [old for old in read_rows(table) if [old[name] for name in PLACE] != place]
    everything = [{name: as_cell(value) for name, value in row.items()} for row in (*kept, *rows)]
    columns = list(dict.fromkeys(name for row in everything for name in row))
    with atomic_file(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(everything, key=lambda row: [row[name] for name in PLACE]))
