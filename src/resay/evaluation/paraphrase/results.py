"""The table of results: one row a system and setting, written as soon as it is measured."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resay.errors import CorpusError
from resay.vectors.atomic_file import atomic_file

KEY = ("model_sha256", "strategy", "dial", "num_sentences", "sentences_sha256", "n", "seed", "judge")
"""What a measurement depends on; a row that has the same is not measured again."""
PLACE = ("model", "strategy", "dial")
"""What a row is of; a later measurement of the same takes its place."""

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
    missing = [name for name in KEY if rows and name not in rows[0]]
    if missing:
        raise CorpusError(f"{table}: is no table of paraphrasing, as it lacks {', '.join(missing)}; name another file")
    return rows


def key_of(row: Row) -> tuple[str, ...]:
    """Return what tells a measurement from others, as it is written."""
    return tuple(str(row[name]) for name in KEY)


def find_row(rows: Sequence[Row], wanted: Row) -> Row | None:
    """Return the row of the same measurement, if it was made."""
    return next((row for row in rows if key_of(row) == key_of(wanted)), None)


def write_row(table: Path, row: Row) -> None:
    """Add a row to a table, or put it in the place of what was measured before; the file is whole at any moment.

    Raises:
        CorpusError: If the file is another table.
    """
    place = [str(row[name]) for name in PLACE]
    rows: list[Row] = [old for old in read_rows(table) if [old[name] for name in PLACE] != place]
    rows.append({name: "" if value is None else value for name, value in row.items()})
    columns = list(dict.fromkeys(name for one in rows for name in one))
    with atomic_file(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda one: [str(one[name]) for name in PLACE]))


def as_number(text: object) -> float:
    """Return a cell as a number; an empty one is NaN."""
    return float(str(text)) if str(text) else float("nan")
