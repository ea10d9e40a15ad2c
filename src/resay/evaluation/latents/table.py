"""Tables on latents: CSV files in which the rows of a run are written, and replaced, together."""

from collections.abc import Sequence
from pathlib import Path

from resay.errors import CorpusError
from resay.evaluation import rows as tables
from resay.evaluation.rows import Row, as_cell, as_number, rows_of

__all__ = ["PLACE", "Row", "as_cell", "as_number", "read_rows", "replace_rows", "require_one_input", "rows_of"]

PLACE = ("input", "run")
"""What rows are of; a later measurement of the same takes their place."""
REQUIRED = (*PLACE, "created")
KIND = "latents"


def read_rows(table: Path) -> list[dict[str, str]]:
    """Return the rows of a table, none if there is no such file yet.

    Raises:
        CorpusError: If it is another table.
    """
    return tables.read_rows(table, REQUIRED, KIND)


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
    if rows:
        require_one_input(table, rows[0])
    tables.replace_rows(table, rows, PLACE, required=REQUIRED, kind=KIND)
