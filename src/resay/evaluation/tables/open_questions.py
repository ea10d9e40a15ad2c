"""The page of what the paper left open: vectors, base forms, sizes, directions, and how states become one vector."""

from collections.abc import Iterator, Sequence

from resay.evaluation.latents.report import markdown_table
from resay.evaluation.tables.cells import Results, difference
from resay.evaluation.tables.columns import ACCURACIES, COLUMNS, SIMILARITIES, Column
from resay.evaluation.tables.table1 import bold_best, seeds_text, verdict
from resay.evaluation.tables.table_file import Group

DECIDING = (*ACCURACIES, SIMILARITIES[0])
"""Columns that lines are held against each other in: one a task."""
Line = tuple[str, str]
"""A row and a reading."""


def write_open_questions(results: Results, groups: Sequence[Group]) -> str:
    """Return the page; groups without a question are no part of it."""
    return "\n".join(_lines(results, [group for group in groups if group.question]))


def _lines(results: Results, groups: Sequence[Group]) -> Iterator[str]:
    yield "# What the paper left open"
    yield ""
    yield f"Mean ± sample deviation over {seeds_text(results.seeds)}; percent but for STS-B; best of a column"
    yield "in bold. A difference counts where it is more than the spread, the sum of the two sample deviations."
    yield ""
    for group in groups:
        yield f"## {group.question}"
        yield ""
        yield from _table(results, group)
        yield from _differences(results, group)


def _group_lines(group: Group) -> list[Line]:
    """Return the lines of a group's table: readings together where rows are compared, rows where readings are."""
    if group.compares_readings:
        return [(row, reading) for row in group.rows for reading in group.readings]
    return [(row, reading) for reading in group.readings for row in group.rows]


def _reference(group: Group, line: Line) -> Line:
    """Return the line that another one is held against."""
    row, reading = line
    return (row, group.readings[0]) if group.compares_readings else (group.rows[0], reading)


def _title(line: Line) -> str:
    return f"`{line[0]}`, `{line[1]}`"


def _table(results: Results, group: Group) -> Iterator[str]:
    lines = _group_lines(group)
    columns = [
        bold_best([results.cell(*line, column, group.seeds) for line in lines], column.decimals) for column in COLUMNS
    ]
    rows = ([_title(line), *cells] for line, *cells in zip(lines, *columns, strict=True))
    yield from markdown_table(("", *(results.title(column) for column in COLUMNS)), rows)


def _differences(results: Results, group: Group) -> Iterator[str]:
    lines = [line for line in _group_lines(group) if line != _reference(group, line)]
    rows = (
        [f"{_title(line)} against {_title(_reference(group, line))}"]
        + [_against(results, group, line, column) for column in DECIDING]
        for line in lines
    )
    yield from markdown_table(("", *(results.title(column) for column in DECIDING)), rows)


def _against(results: Results, group: Group, line: Line, column: Column) -> str:
    cells = [results.cell(*one, column, group.seeds) for one in (line, _reference(group, line))]
    return verdict(difference(cells[0], cells[1]), column.decimals)
