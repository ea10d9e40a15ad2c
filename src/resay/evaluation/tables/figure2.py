"""Figure 2: how many neighbours the soft-label loss takes, and whether their weights are normalised."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from types import MappingProxyType

from resay.evaluation.latents.report import markdown_table
from resay.evaluation.pyplot import load_pyplot
from resay.evaluation.tables.cells import NOT_MEASURED, Cell, Results
from resay.evaluation.tables.columns import ACCURACIES, Column
from resay.evaluation.tables.table1 import PAPERS_READING, REFERENCE, SOFT_LABEL
from resay.evaluation.tables.table_file import Group, TableFile

NORMALISED, RAW = "normalised", "not normalised"
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType({NORMALISED: ("o-", "#4575b4"), RAW: ("s--", "#b2182b")})
"""The two lines of a panel: marker and colour."""
PAPERS_BEST = MappingProxyType({"mrpc": "3 to 5", "snli": "about 10", "sick-e": "about 10"})
"""The N that the paper found best."""
DPI = 110


@dataclass(frozen=True, slots=True)
class Curves:
    """The cells of the figure.

    Attributes:
        cells: By kind, column and N.
        numbers: Every N, ascending; 1 is the cross-entropy, where both kinds are the same.
    """

    cells: Mapping[tuple[str, Column], Mapping[int, Cell]]
    numbers: tuple[int, ...]

    def known(self, kind: str, column: Column) -> dict[int, float]:
        """Return the means that there are, by N."""
        found = {number: cell.mean for number, cell in self.cells[kind, column].items()}
        return {number: value for number, value in found.items() if value is not None}

    def costs(self, column: Column) -> dict[int, float]:
        """Return by how much normalisation lowers a figure, for each N above 1 that has both."""
        with_it, without = self.known(NORMALISED, column), self.known(RAW, column)
        return {n: without[n] - with_it[n] for n in self.numbers if n > 1 and n in with_it and n in without}


def collect(results: Results, table: TableFile, group: Group) -> Curves:
    """Return the figure's cells; which row is of which N and kind is said by the rows' settings."""
    places: dict[tuple[str, int], str] = {}
    for name in group.rows:
        row = table.rows[name]
        if name == REFERENCE:
            places |= {(kind, 1): name for kind in KINDS}
        elif row["loss"] == SOFT_LABEL:
            places[NORMALISED if row.get("normalize", True) else RAW, row["num_neighbours"]] = name
    numbers = tuple(sorted({number for _, number in places}))
    cells = {
        (kind, column): {
            number: results.cell(places[kind, number], PAPERS_READING, column, group.seeds)
            for number in numbers
            if (kind, number) in places
        }
        for kind in KINDS
        for column in ACCURACIES
    }
    return Curves(cells, numbers)


def draw_figure2(curves: Curves, results: Results, path: Path) -> None:
    """Draw N against accuracy, a panel a task.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    pyplot = load_pyplot()
    figure, axes = pyplot.subplots(1, len(ACCURACIES), figsize=(3.7 * len(ACCURACIES), 3.4))
    for column, axis in zip(ACCURACIES, axes, strict=True):
        for kind, (style, colour) in KINDS.items():
            known = curves.known(kind, column)
            axis.plot(list(known), list(known.values()), style, color=colour, label=kind, markersize=5, alpha=0.85)
        axis.set_title(results.title(column), fontsize=10)
        axis.set_xlabel("neighbours N (1: cross-entropy)", fontsize=9)
        axis.set_xticks(curves.numbers)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3, linewidth=0.5)
    axes[0].set_ylabel("accuracy, %", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=9, ncols=2, frameon=False, loc="upper center")
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI)
    pyplot.close(figure)


def write_figure2(curves: Curves, results: Results, group: Group) -> str:
    """Return the page beside the figure."""
    return "\n".join(_lines(curves, results, group))


def _lines(curves: Curves, results: Results, group: Group) -> Iterator[str]:
    seeds = group.seeds or results.seeds
    yield "# Figure 2: neighbours of the soft-label loss, and normalised weights"
    yield ""
    yield "![N against accuracy](figure2.png)"
    yield ""
    yield f"Accuracy of the encoder's last state, percent, seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}."
    yield "N counts the word itself, so that 1 is the cross-entropy; weights that are not normalised are cosines, whose"
    yield "sum grows with N."
    yield ""
    titles = [f"{results.title(column)}, {kind}" for column in ACCURACIES for kind in KINDS]
    rows = [
        [
            str(number),
            *(_text(curves.cells[kind, column].get(number), column) for column in ACCURACIES for kind in KINDS),
        ]
        for number in curves.numbers
    ]
    yield from markdown_table(("N", *titles), rows)
    yield "## Does normalisation cost a little on every task, as in the paper?"
    yield ""
    yield from _normalisation(curves, results, group)
    yield "## Which N is best?"
    yield ""
    yield from _best(curves, results)


def _text(cell: Cell | None, column: Column) -> str:
    return NOT_MEASURED if cell is None else cell.text(column.decimals)


def _normalisation(curves: Curves, results: Results, group: Group) -> Iterator[str]:
    rows: list[Sequence[str]] = []
    means: dict[Column, float] = {}
    deviations = {column: _deviation(results, group, column) for column in ACCURACIES}
    for column in ACCURACIES:
        costs, deviation = curves.costs(column), deviations[column]
        if not costs:
            rows.append((results.title(column), NOT_MEASURED, "", "", ""))
            continue
        means[column] = mean(costs.values())
        num_lower = f"{sum(cost > 0 for cost in costs.values())} of {len(costs)}"
        spread = NOT_MEASURED if deviation is None else f"{deviation:.2f}"
        answer = "yes" if means[column] > 0 else "no"
        rows.append((results.title(column), f"{-means[column]:+.2f}", num_lower, spread, answer))
    titles = ("", "mean change by normalisation", "N at which it is lower", "deviation over seeds", "costs")
    yield from markdown_table(titles, rows)
    num_lower_tasks = sum(cost > 0 for cost in means.values())
    if len(means) < len(ACCURACIES):
        yield "Not decided: not every task is measured."
    elif num_lower_tasks == len(means):
        yield "The paper's finding holds for the means over N: normalisation lowers all three."
    else:
        yield f"The paper's finding does not hold: normalisation lowers {num_lower_tasks} of the three."
    known = {column: one for column, one in deviations.items() if one is not None and column in means}
    num_clear = sum(abs(means[column]) > one for column, one in known.items())
    yield f"The mean change is more than seeds deviate on {num_clear} of {len(known)} tasks where that is known; less"
    yield "may be chance. Deviation over seeds: the largest of the rows above that were measured with several."
    yield ""


def _deviation(results: Results, group: Group, column: Column) -> float | None:
    """Return how far seeds lie apart at most, by the rows that were measured with several; None without any."""
    deviations = [results.cell(row, PAPERS_READING, column).deviation for row in group.rows]
    return max((deviation for deviation in deviations if deviation is not None), default=None)


def _best(curves: Curves, results: Results) -> Iterator[str]:
    rows: list[Sequence[str]] = []
    for column in ACCURACIES:
        cells = []
        for kind in KINDS:
            known = curves.known(kind, column)
            best = max(known, key=lambda number: known[number], default=None)
            cells.append(NOT_MEASURED if best is None else f"{best} ({known[best]:.{column.decimals}f})")
        rows.append((results.title(column), *cells, PAPERS_BEST[column.task]))
    yield from markdown_table(("", *(f"best N, {kind}" for kind in KINDS), "the paper's best N"), rows)
