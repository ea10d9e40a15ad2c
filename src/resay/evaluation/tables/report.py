"""The pages of a folder of results: one for the paper's table, one for its figure, one for what it left open."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from resay.evaluation.rows import read_rows
from resay.evaluation.tables.cells import Results
from resay.evaluation.tables.figure2 import collect, draw_figure2, write_figure2
from resay.evaluation.tables.measuring import ROWS_FILE
from resay.evaluation.tables.open_questions import write_open_questions
from resay.evaluation.tables.table1 import write_table1
from resay.evaluation.tables.table_file import TableFile
from resay.fitting.record import write_atomically

TABLE1, FIGURE2 = "table1", "figure2"
"""Names of the groups that are the paper's."""


def write_report(folder: Path, table: TableFile, groups: Sequence[str], seeds: Sequence[int]) -> Iterator[Path]:
    """Write the pages of groups from the rows of a folder; yield each file.

    Args:
        folder: Where the rows are and the pages go.
        table: The table's file.
        groups: Names of groups.
        seeds: Those that each row is wanted of.

    Raises:
        SettingsError: If there is no such group.
        CorpusError: If the file of rows is another table.
        MissingExtraError: If matplotlib is not installed, for the figure.
    """
    chosen = table.chosen(groups)
    results = Results(read_rows(folder / ROWS_FILE), tuple(seeds))
    folder.mkdir(parents=True, exist_ok=True)
    for group in chosen:
        if group.name == TABLE1:
            yield _write(folder / "table1.md", write_table1(results, group))
        if group.name == FIGURE2:
            curves = collect(results, table, group)
            draw_figure2(curves, results, folder / "figure2.png")
            yield folder / "figure2.png"
            yield _write(folder / "figure2.md", write_figure2(curves, results, group))
    if any(group.question for group in chosen):
        yield _write(folder / "open.md", write_open_questions(results, chosen))


def _write(path: Path, text: str) -> Path:
    write_atomically(path, text)
    return path
