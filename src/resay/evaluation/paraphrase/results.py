"""The table of results: one row a system and setting, written as soon as it is measured."""

from collections.abc import Sequence
from pathlib import Path

from resay.evaluation import rows as tables
from resay.evaluation.rows import Row

KEY = ("model_sha256", "strategy", "dial", "num_sentences", "sentences_sha256", "n", "seed", "judge")
"""What a measurement depends on; a row that has the same is not measured again."""
PLACE = ("model", "strategy", "dial")
"""What a row is of; a later measurement of the same takes its place."""
KIND = "paraphrasing"


def read_rows(table: Path) -> list[dict[str, str]]:
    """Return the rows of a table, none if there is no such file yet.

    Raises:
        CorpusError: If it is another table.
    """
    return tables.read_rows(table, KEY, KIND)


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
    cells = {name: "" if value is None else str(value) for name, value in row.items()}  # the dial is one by its text
    tables.replace_rows(table, [cells], PLACE, required=KEY, kind=KIND)


def as_number(text: object) -> float:
    """Return a cell as a number; an empty one is NaN."""
    return float(str(text)) if str(text) else float("nan")
