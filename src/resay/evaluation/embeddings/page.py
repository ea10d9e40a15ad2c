"""The page on the default embedding: its steps, its choices, and what did not help; figures come from the rows."""

from collections.abc import Iterator, Sequence
from math import isnan
from pathlib import Path

from resay.evaluation.embeddings.findings import DECIMALS, Figures, measured_variants, title
from resay.evaluation.embeddings.graded import CHOICE_TASKS, GRADED_TASKS
from resay.evaluation.embeddings.measuring import MAKING
from resay.evaluation.embeddings.variant import CHOICES, DEFAULT, LADDER, TRIED
from resay.evaluation.embeddings.variants import VARIANTS
from resay.evaluation.latents.report import markdown_table
from resay.evaluation.report.metrics import metric_of, show_number
from resay.evaluation.report.page import describe_measurement
from resay.evaluation.rows import read_rows

SIF = "every-word-sif"
"""The weighted average that a default has to beat."""
TRANSFER_METRICS = (("mrpc", "accuracy"), ("mrpc", "f1"), ("sick-e", "accuracy"), ("snli", "accuracy"))


def write_page(table: Path) -> str:
    """Return the page of a table of rows.

    Raises:
        CorpusError: If the file is another table.
    """
    return "\n".join(_lines(Figures(read_rows(table)), table.name))


def _lines(figures: Figures, name: str) -> Iterator[str]:
    yield f"<!-- Made from {name} by training/embeddings.py; edit neither by hand. -->"
    yield ""
    yield "# The default sentence embedding, step by step"
    yield ""
    yield "Pearson's correlation of the cosine of two sentences' embeddings with the grade of the pair. No embedding"
    choice = ", ".join(title(task) for task in CHOICE_TASKS)
    yield f"here has seen a pair or a grade. Choices were made on {choice}; the other columns are only reported."
    yield "In brackets the difference to the row above, or to the variant named; in italics where the 95 % interval of"
    yield "the difference (bootstrap over pairs) holds 0, so that it may be chance."
    yield ""
    yield from _pairs(figures)
    yield from _ladder(figures)
    yield from _choices(figures)
    yield from _tried(figures)
    yield from _transfer(figures)
    yield "## Again"
    yield ""
    yield f"From [{name}]({name}); {describe_measurement(figures.rows)}."
    yield "`python training/embeddings.py measure --help` has the command."
    missing = [f"`{variant}`" for variant in VARIANTS if not figures.is_measured(variant)]
    if missing:
        yield f"Not measured: {', '.join(missing)}."
    yield ""


def _pairs(figures: Figures) -> Iterator[str]:
    for task in figures.tasks(GRADED_TASKS):
        notes = [row["note"].partition("; gain over ")[0] for row in figures.rows if row["task"] == task]
        yield f"* {title(task)}: {'; '.join(dict.fromkeys(notes))}"
    yield ""


def _cells(figures: Figures, variant: str, tasks: Sequence[str]) -> list[str]:
    cells = []
    for task in tasks:
        gain = figures.gain(variant, task)
        cells.append(_number(figures.value(variant, task)) + (f" ({gain.text})" if gain else ""))
    return cells


def _number(value: float) -> str:
    return show_number(value, DECIMALS) or "not measured"


def _ladder(figures: Figures) -> Iterator[str]:
    tasks = figures.tasks(GRADED_TASKS)
    names = measured_variants(figures, LADDER)
    yield "## Step by step"
    yield ""
    rows = ([f"`{name}`", VARIANTS[name].text, *_cells(figures, name, tasks)] for name in names)
    yield from markdown_table(("", "step", *map(title, tasks)), rows)
    first = next(iter(names), DEFAULT)
    yield from _compared(figures, first, tasks, "From the first step to the default")
    yield from _compared(figures, SIF, tasks, f"From the SIF-weighted average of all vectors (`{SIF}`) to the default")
    for task in (task for task in CHOICE_TASKS if task in tasks):
        gains = {name: gain for name in names if (gain := figures.gain(name, task)) is not None}
        if gains:
            best = max(gains, key=lambda name: gains[name].value)
            yield f"* The largest step on {title(task)} is `{best}` ({gains[best].text})."
    for name in names:
        if VARIANTS[name].base is not None and not figures.helps(name):
            yield f"* `{name}` {figures.what_is_gained(name)}."
    yield ""


def _compared(figures: Figures, name: str, tasks: Sequence[str], beginning: str) -> Iterator[str]:
    if figures.is_measured(name) and figures.is_measured(DEFAULT) and name != DEFAULT:
        changes = [
            f"{title(task)} {_number(figures.value(name, task))} → {_number(figures.value(DEFAULT, task))}"
            for task in tasks
        ]
        yield f"* {beginning}: {', '.join(changes)}."


def _choices(figures: Figures) -> Iterator[str]:
    tasks = figures.tasks(GRADED_TASKS)
    groups = dict.fromkeys(VARIANTS[name].group for name in measured_variants(figures, CHOICES))
    if not groups:
        return
    yield "## Choices"
    yield ""
    for group in groups:
        names = measured_variants(figures, CHOICES, group)
        bases = dict.fromkeys(VARIANTS[name].base or "" for name in names)
        yield f"### {group}"
        yield ""
        rows = []
        for base in bases:
            rows.append([f"`{base}`", "", *(_number(figures.value(base, task)) for task in tasks)])
            own = [name for name in names if VARIANTS[name].base == base]
            rows += [[f"`{name}`", VARIANTS[name].text, *_cells(figures, name, tasks)] for name in own]
        yield from markdown_table(("", "in its place", *map(title, tasks)), rows)


def _tried(figures: Figures) -> Iterator[str]:
    names = measured_variants(figures, TRIED)
    helped = [name for name in names if figures.helps(name)]
    yield "## What did not help"
    yield ""
    yield f"Against `{DEFAULT}`; to help is to raise a column that choices are made on and to lower none."
    yield ""
    runs = dict.fromkeys((row["loss"], row["num_neighbours"], row["seed"]) for row in figures.rows if row["loss"])
    for loss, num_neighbours, seed in runs:
        neighbours = f", N = {num_neighbours}" if num_neighbours else ""
        yield f"The encoder that some read: trained with `{loss}`{neighbours}, seed {seed}."
        yield ""
    yield from _attempts(figures, [name for name in names if name not in helped])
    if helped:
        yield "## What helped and was left out"
        yield ""
        yield from _attempts(figures, helped)


def _attempts(figures: Figures, names: Sequence[str]) -> Iterator[str]:
    tasks = figures.tasks(GRADED_TASKS)
    rows = (
        [
            f"`{name}`",
            VARIANTS[name].text,
            *_cells(figures, name, tasks),
            show_number(figures.value(name, MAKING, "components"), 0),
            show_number(figures.value(name, MAKING, "seconds"), 0),
        ]
        for name in names
    )
    yield from markdown_table(("", "", *map(title, tasks), "components", "seconds to make"), rows)
    for name in names:
        cost = VARIANTS[name].cost if figures.helps(name) else ""
        yield f"* `{name}` {figures.what_is_gained(name)}." + (f" What speaks against it: {cost}." if cost else "")
    yield ""


def _transfer(figures: Figures) -> Iterator[str]:
    measures = [
        (task, metric)
        for task, metric in TRANSFER_METRICS
        if any(not isnan(figures.value(name, task, metric)) for name in VARIANTS)
    ]
    if not measures:
        return
    yield "## Transfer tasks"
    yield ""
    yield "Percent, by a classifier that is trained on the embeddings."
    yield ""
    notes = {task: note for task, _ in measures if (note := _note(figures, task))}
    titles = [
        f"{task}{f' ({notes[task]})' if task in notes else ''}, {metric_of(metric).title}" for task, metric in measures
    ]
    names = [name for name in VARIANTS if any(not isnan(figures.value(name, *measure)) for measure in measures)]
    rows = (
        [f"`{name}`", *(show_number(figures.value(name, *one), metric_of(one[1]).decimals) for one in measures)]
        for name in names
    )
    yield from markdown_table(("", *titles), rows)


def _note(figures: Figures, task: str) -> str:
    return ", ".join(dict.fromkeys(str(row["note"]) for row in figures.rows if row["task"] == task and row["note"]))
