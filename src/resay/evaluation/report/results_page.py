"""A page of results: hand-written Markdown in whose marks stand tables made from CSV files.

    <!-- results transfer.csv systems=soft-label-*,average readings=embedding tasks=mrpc,snli
    Text that stands above the tables, if there are any.
    -->

becomes the tables of a file of results, one for each group of tasks; the file may be a pattern such as
`tables/*.csv`, and one that matches nothing leaves nothing behind.

    <!-- runs reconstruction.csv
    soft5: a remark on the run of that name
    -->

becomes the table of reconstructions, one row a run.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from math import isnan
from pathlib import Path

from resay.errors import CorpusError, SettingsError, unknown_name_message
from resay.evaluation.latents.report import markdown_table
from resay.evaluation.report.control import LEGEND, SIGN, equals_untrained, untrained_figures
from resay.evaluation.report.metrics import group_tasks, metric_of, show_number
from resay.evaluation.report.page import describe_measurement
from resay.evaluation.report.summary import Standing, base_name, measures_of, natural_order, show_figure, summarize
from resay.evaluation.rows import Row, as_number, read_rows

TEMPLATE, PAGE = "README.template.md", "README.md"
HEAD = f"<!-- Made from {TEMPLATE} and the tables here by training/results_page.py; edit those. -->\n\n"
MARK = re.compile(r"^<!-- (?P<kind>[a-z]+) (?P<given>[^\n]+?)(?: -->|\n(?P<body>.*?)\n?-->)$", re.MULTILINE | re.DOTALL)
RUN_COLUMNS = ("run", "loss", "num_neighbours", "token_accuracy", "nats_per_token", "exact_reconstruction")
FILTERS = ("systems", "readings", "tasks")


def build_results_page(folder: Path) -> str:
    """Return the page of a folder: its template, with tables in the places of the marks.

    Raises:
        CorpusError: If a file that a mark names is missing or is another table.
        SettingsError: If a mark is not understood.
    """
    text = (folder / TEMPLATE).read_text(encoding="utf-8")

    def fill(mark: re.Match[str]) -> str:
        if mark["kind"] not in MARKS:
            raise SettingsError(f"{folder / TEMPLATE}: {unknown_name_message('a mark', mark['kind'], MARKS)}")
        words = mark["given"].split()
        return "\n".join(MARKS[mark["kind"]](folder, words, mark["body"] or "")).rstrip()

    return HEAD + re.sub(r"\n{3,}", "\n\n", MARK.sub(fill, text))


def _results(folder: Path, words: Sequence[str], body: str) -> Iterator[str]:
    """Yield the tables of files of results."""
    wanted = _filters(folder, words[1:])
    paths = sorted(folder.glob(words[0]))
    if not paths and not any(sign in words[0] for sign in "*?["):
        raise CorpusError(f"{folder / words[0]}: no such table, and {TEMPLATE} names it; measure it, or drop the mark")
    rows = [row for path in paths for row in read_rows(path)]
    standings = summarize(row for row in rows if _is_wanted(row, wanted))
    if not standings:
        return
    if body:
        yield from (body, "")
    untrained = untrained_figures(summarize(rows))
    for title, tasks in group_tasks(sorted({task for one in standings for task, _ in one.figures})).items():
        yield from (f"### {title}", "")
        yield from _table(standings, tasks, untrained)
    names = ", ".join(f"[{path.relative_to(folder)}]({path.relative_to(folder)})" for path in paths)
    yield f"From {names}; {describe_measurement([row for row in rows if _is_wanted(row, wanted)])}."
    if any(equals_untrained(one, measure, untrained) for one in standings for measure in one.figures):
        yield ""
        yield LEGEND


def _table(standings: Sequence[Standing], tasks: Sequence[str], untrained: dict[tuple[str, str], float]) -> list[str]:
    measures = measures_of(standings, tasks, leading=True)
    here = [one for one in standings if any(measure in one.figures for measure in measures)]
    notes = {task: _notes(here, task) for task in tasks}
    titles = [
        f"{task}{f' ({notes[task]})' if notes[task] else ''}, {metric_of(metric).title}" for task, metric in measures
    ]
    lines = []
    for standing in here:
        cells = [
            show_figure(standing, measure) + (SIGN if equals_untrained(standing, measure, untrained) else "")
            for measure in measures
        ]
        seeds = f", {len(standing.seeds)} seeds" if len(standing.seeds) > 1 else ""
        lines.append([f"`{standing.label}`{seeds}", *cells])
    columns = [["system", *titles], *lines]
    if len(titles) > len(lines):
        columns = [list(cells) for cells in zip(*columns, strict=True)]
        columns[0][0] = ""
    return list(markdown_table(columns[0], columns[1:]))


def _notes(standings: Sequence[Standing], task: str) -> str:
    figures = (figure for one in standings for (name, _), figure in one.figures.items() if name == task)
    return "; ".join(dict.fromkeys(figure.note for figure in figures if figure.note))


def _filters(folder: Path, words: Sequence[str]) -> dict[str, list[str]]:
    found = {}
    for word in words:
        name, equals, patterns = word.partition("=")
        if not equals or name not in FILTERS:
            raise SettingsError(f"{folder / TEMPLATE}: {unknown_name_message('a filter of results', name, FILTERS)}")
        found[name] = patterns.split(",")
    return found


def _is_wanted(row: Row, wanted: Mapping[str, Sequence[str]]) -> bool:
    names = {"systems": base_name(str(row["system"])), "readings": str(row["reading"]), "tasks": str(row["task"])}
    return all(any(fnmatchcase(names[name], pattern) for pattern in patterns) for name, patterns in wanted.items())


def _runs(folder: Path, words: Sequence[str], body: str) -> Iterator[str]:
    """Yield the table of reconstructions."""
    path = folder / words[0]
    rows = read_rows(path, RUN_COLUMNS, "reconstructions")
    if not rows:
        raise CorpusError(f"{path}: holds no row, and {TEMPLATE} names it")
    remarks = dict(line.partition(": ")[::2] for line in body.splitlines())
    unknown = [name for name in remarks if name not in {row["run"] for row in rows}]
    if unknown:
        raise SettingsError(f"{folder / TEMPLATE}: {path.name} has no run {', '.join(unknown)} to remark on")
    lines = []
    for row in sorted(rows, key=lambda row: natural_order(row["run"])):
        neighbours = f", N = {row['num_neighbours']}" if row["num_neighbours"] else ""
        remark = f", {remarks[row['run']]}" if row["run"] in remarks else ""
        lines.append(
            [
                f"`{row['run']}`",
                f"`{row['loss']}`{neighbours}{remark}",
                show_number(as_number(row, "token_accuracy"), 3),
                show_number(as_number(row, "nats_per_token"), 2),
                _percent(row, "exact_reconstruction"),
                show_number(as_number(row, "sts_b_test_latent"), 3),
                show_number(as_number(row, "sts_b_test_embedding"), 3),
            ]
        )
    titles = ("run", "loss", "token accuracy, teacher forced", "nats/token", "exact, free-running greedy")
    yield from markdown_table([*titles, "STS-B, latent", "STS-B, average"], lines)


def _percent(row: Row, name: str) -> str:
    value = as_number(row, name)
    return "" if isnan(value) else f"{show_number(round(100 * value, 6), 1)} %"


MARKS: Mapping[str, Callable[[Path, Sequence[str], str], Iterator[str]]] = {"results": _results, "runs": _runs}
"""What a mark in the template becomes, by its first word."""
