"""The page of Table 1: our figures beside the paper's, and what they say of the losses, decided by the rows."""

from collections.abc import Iterator, Sequence

from resay.evaluation.latents.report import markdown_table
from resay.evaluation.tables.cells import NOT_MEASURED, Cell, Difference, Results, difference
from resay.evaluation.tables.columns import ACCURACIES, MAJORITY, PAPER_COLUMNS, SIMILARITIES, Column
from resay.evaluation.tables.paper import PAPER, best_published, published
from resay.evaluation.tables.table_file import Group

REFERENCE = "ce"
"""The row that the others are held against."""
SOFT_LABEL = "soft-label"
"""How the names of the rows of that loss begin."""
PAPERS_READING = "latent"


def write_table1(results: Results, group: Group) -> str:
    """Return the page."""
    return "\n".join(_lines(results, group))


def _lines(results: Results, group: Group) -> Iterator[str]:
    yield "# Table 1: reconstruction losses and transfer tasks"
    yield ""
    yield f"Ours: mean ± sample deviation over {seeds_text(results.seeds)}. In brackets {PAPER}:"
    yield "means of three runs, trained on 70 % of 600,000 restaurant reviews with fastText vectors. Percent; the best"
    yield f"of ours and the best of theirs in bold. {_snli_caution(results)}".rstrip()
    yield ""
    yield "## The encoder's last state (`latent`), which the paper measures"
    yield ""
    yield from _accuracies(results, group, PAPERS_READING, with_paper=True)
    yield "## The weighted average of the word vectors (`embedding`), which no loss changes"
    yield ""
    yield from _accuracies(results, group, "embedding", with_paper=False)
    yield "## STS Benchmark, test part, which the paper does not measure"
    yield ""
    yield from _similarities(results, group)
    yield f"## Ahead of `{REFERENCE}`?"
    yield ""
    yield from _ahead(results, group)
    yield "## Against the paper's best"
    yield ""
    yield from _against_paper(results, group)


def seeds_text(seeds: Sequence[int]) -> str:
    """Return which seeds means are over, in words."""
    names = ", ".join(map(str, seeds))
    return f"seeds {names}" if len(seeds) > 1 else f"one seed, {names}, hence without deviation"


def _snli_caution(results: Results) -> str:
    note = results.note("snli")
    return f"SNLI: ours {note}, the paper's 549,367, so that the two are not of the same task." if note else ""


def bold_best(cells: Sequence[Cell], decimals: int) -> list[str]:
    """Return the text of a column's cells, that with the highest mean in bold."""
    best = max((cell.mean for cell in cells if cell.mean is not None), default=None)
    texts = [cell.text(decimals) for cell in cells]
    return [
        f"**{text}**" if best is not None and cell.mean == best else text
        for cell, text in zip(cells, texts, strict=True)
    ]


def _paper_text(row: str, column: Column) -> str:
    figure = published(row, column)
    if figure is None:
        return ""
    return f" [**{figure:.1f}**]" if figure == best_published(column) else f" [{figure:.1f}]"


def _accuracies(results: Results, group: Group, reading: str, *, with_paper: bool) -> Iterator[str]:
    columns = []
    for column in PAPER_COLUMNS:
        ours = bold_best([results.cell(row, reading, column) for row in group.rows], column.decimals)
        theirs = [_paper_text(row, column) if with_paper else "" for row in group.rows]
        columns.append([our + their for our, their in zip(ours, theirs, strict=True)])
    rows = [[f"`{row}`", *cells] for row, *cells in zip(group.rows, *columns, strict=True)]
    rows.append(["majority class", *(_majority(results, column) for column in PAPER_COLUMNS)])
    yield from markdown_table(("", *(results.title(column) for column in PAPER_COLUMNS)), rows)


def _majority(results: Results, column: Column) -> str:
    value = results.value(MAJORITY, "", column)
    return f"{value:.{column.decimals}f}" if value == value else NOT_MEASURED


def _similarities(results: Results, group: Group) -> Iterator[str]:
    places = [(reading, column) for reading in group.readings for column in SIMILARITIES]
    columns = [
        bold_best([results.cell(row, reading, column) for row in group.rows], column.decimals)
        for reading, column in places
    ]
    rows = ([f"`{row}`", *cells] for row, *cells in zip(group.rows, *columns, strict=True))
    yield from markdown_table(("", *(f"`{reading}`, {column.title}" for reading, column in places)), rows)


def verdict(found: Difference | None, decimals: int) -> str:
    """Return a difference with its spread, and whether it is more than that."""
    if found is None:
        return NOT_MEASURED
    words = {True: "ahead", False: "behind" if found.behind else "within the spread", None: "spread unknown"}
    spread = "" if found.spread is None else f" (spread {found.spread:.{decimals}f})"
    return f"{found.by:+.{decimals}f}{spread}: {words[found.ahead]}"


def _ahead(results: Results, group: Group) -> Iterator[str]:
    yield f"Differences of the means of `{PAPERS_READING}`. One counts where it is more than the spread: the sum of the"
    yield "two sample deviations."
    yield ""
    others = [row for row in group.rows if row != REFERENCE]
    found = {
        (row, column): difference(
            results.cell(row, PAPERS_READING, column), results.cell(REFERENCE, PAPERS_READING, column)
        )
        for row in others
        for column in PAPER_COLUMNS
    }
    rows = ([f"`{row}`", *(verdict(found[row, column], column.decimals) for column in PAPER_COLUMNS)] for row in others)
    yield from markdown_table(("", *(results.title(column) for column in PAPER_COLUMNS)), rows)
    for row in others:
        if not row.startswith(SOFT_LABEL):
            continue
        verdicts = {column: one.ahead for column in ACCURACIES if (one := found[row, column]) is not None}
        ahead = [results.title(column) for column, answer in verdicts.items() if answer]
        num_open = len(ACCURACIES) - sum(answer is not None for answer in verdicts.values())
        told = f"{len(ahead)} of {len(ACCURACIES)} tasks" + (f": {', '.join(ahead)}" if ahead else "")
        rest = f"; {num_open} not decided, for want of figures" if num_open else ""
        yield f"* `{row}` is ahead of `{REFERENCE}` by more than the spread on {told}{rest}."
    yield ""


def _against_paper(results: Results, group: Group) -> Iterator[str]:
    rows = []
    for column in PAPER_COLUMNS:
        cells = {row: results.cell(row, PAPERS_READING, column) for row in group.rows}
        means = {row: cell.mean for row, cell in cells.items() if cell.mean is not None}
        theirs = best_published(column)
        best = max(means, key=lambda row: means[row], default=None)
        ours = NOT_MEASURED if best is None else f"{cells[best].text(column.decimals)} (`{best}`)"
        # At the precision of the paper's figures: 79.38 would be printed as 79.4.
        answer = NOT_MEASURED if best is None else "yes" if round(means[best], 1) >= theirs else "no"
        rows.append((results.title(column), ours, f"{theirs:.1f}", answer, _majority(results, column)))
    yield from markdown_table(("", "our best", "the paper's best", "ours ≥ the paper's", "majority class"), rows)
    missing = [
        f"`{row}`"
        for row in group.rows
        if any(not results.cell(row, PAPERS_READING, column).complete for column in PAPER_COLUMNS)
    ]
    if missing:
        yield f"Not all measured: {', '.join(missing)}."
        yield ""
