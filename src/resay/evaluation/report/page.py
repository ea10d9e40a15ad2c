"""The page on a model: what it is, how it stands beside others and baselines, and what it makes of sentences."""

from collections.abc import Iterator, Sequence

from resay.evaluation.report import html
from resay.evaluation.report.about import About, short_commit
from resay.evaluation.report.control import LEGEND, SIGN, UNTRAINED, equals_untrained, untrained_figures
from resay.evaluation.report.examples import Examples, render_examples
from resay.evaluation.report.metrics import group_tasks, metric_of
from resay.evaluation.report.plots import Shown, draw_tasks, draw_training
from resay.evaluation.report.summary import Measure, Standing, base_name, measures_of, show_figure, summarize
from resay.evaluation.rows import Row, as_number


def build_page(about: About, rows: Sequence[Row], examples: Examples | None = None) -> str:
    """Return the page of a model as one self-contained HTML document.

    Args:
        about: The model.
        rows: Of results, its own and those of other systems.
        examples: What it makes of sentences.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    shown = divide(about.name, rows)
    sections = [html.section("The model", html.facts(about.facts))]
    sections += _result_sections(shown)
    curve = draw_training(about.history)
    if curve:
        sections.append(html.section("Training", curve))
    if examples is not None:
        note = html.paragraph(examples.note, "note")
        sections.append(html.section(examples.title, note, render_examples(examples.examples)))
    if rows:
        sections.append(html.section("How it was measured", html.facts(_provenance(about.name, rows))))
    kind = "exported model" if about.exported else "training run"
    loss = f"{about.loss}, N = {about.num_neighbours}" if about.num_neighbours else about.loss
    return html.page(about.name, f"{kind}; loss: {loss or 'not known'}", sections)


def divide(name: str, rows: Sequence[Row]) -> Shown:
    """Return a model's standings apart from those of other models and of baselines.

    A model of which several seeds were measured stands there twice: by itself, and with the mean over seeds.
    """
    standings = summarize(rows)
    family = [one for one in standings if one.system == base_name(name)]
    itself = [one for one in summarize(rows, by_seed=True) if one.system == name]
    if any(len(one.seeds) > 1 for one in family):
        named = [
            Standing(f"{one.system}, seeds {', '.join(one.seeds)}", one.reading, one.loss, one.figures, one.seeds)
            for one in family
        ]
    else:
        named = []
    rest = [one for one in standings if one not in family]
    return Shown(
        ours=[*itself, *named],
        others=[one for one in rest if one.trained],
        baselines=[one for one in rest if not one.trained],
    )


def _result_sections(shown: Shown) -> Iterator[str]:
    standings = [*shown.ours, *shown.others, *shown.baselines]
    untrained = untrained_figures(shown.baselines)
    ours = {measure for one in shown.ours for measure in one.figures}
    tasks = [task for task, _ in ours]
    if not ours:
        return
    yield html.section("Control", _control(shown, untrained))
    for number, (title, members) in enumerate(group_tasks(sorted(tasks)).items()):
        measures = [measure for measure in measures_of(standings, members) if measure in ours]
        leading = [measure for measure in measures if metric_of(measure[1]).leads]
        lines = [
            _line(standing, measures, untrained, kind)
            for kind, group in (("ours", shown.ours), ("", shown.others), ("baseline", shown.baselines))
            for standing in group
            if any(measure in standing.figures for measure in measures)
        ]
        marked = any(cell.mark for line in lines for cell in line.cells)
        notes = {one.figures[measure].note for one in standings for measure in measures if measure in one.figures}
        yield html.section(
            title,
            *(html.paragraph(note, "note") for note in sorted(notes) if note),
            draw_tasks(shown, leading, prefix=f"plot{number}"),
            html.table([(task, metric_of(metric).title) for task, metric in measures], lines, "system"),
            html.paragraph(LEGEND.replace("`", ""), "note") if marked else "",
        )


def _line(standing: Standing, measures: Sequence[Measure], untrained: dict[Measure, float], kind: str) -> html.Line:
    cells = [
        html.Cell(
            show_figure(standing, measure),
            SIGN if equals_untrained(standing, measure, untrained) else "",
        )
        for measure in measures
    ]
    return html.Line(standing.label, cells, kind)


def _control(shown: Shown, untrained: dict[Measure, float]) -> str:
    """Return whether an untrained LSTM is as good as the model, and where."""
    compared = sorted(
        measure
        for measure in {measure for one in shown.ours for measure in one.figures}
        if measure in untrained and metric_of(measure[1]).tolerance is not None and metric_of(measure[1]).leads
    )
    if not compared:
        return html.paragraph(
            f"No figure of {UNTRAINED}, an LSTM that was never trained, stands beside these: measure it on the same"
            " tasks to know what they say of the training.",
            "note",
        )
    found = {
        one.label: [measure for measure in compared if equals_untrained(one, measure, untrained)] for one in shown.ours
    }
    if not any(found.values()):
        return html.paragraph("On every task that both were measured on, the model is ahead of an untrained LSTM.")
    lines = [
        f"{label}: {', '.join(f'{task} ({metric_of(metric).title})' for task, metric in equal) or 'nowhere'}"
        for label, equal in found.items()
    ]
    return html.warning("An LSTM that was never trained is as good (within one point, or 0.01), or better:", lines)


def _provenance(name: str, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    own = [row for row in rows if str(row["system"]).partition(":")[0] == name]
    for title, here in (("This model", own), ("Others", [row for row in rows if row not in own])):
        if here:
            yield title, describe_measurement(here)


def describe_measurement(rows: Sequence[Row]) -> str:
    """Return at which commits and on what hardware rows were measured, and in how many seconds."""
    commits = dict.fromkeys(short_commit(str(row["commit"])) for row in rows if row["commit"])
    machines = dict.fromkeys(str(row["hardware"]) for row in rows if row["hardware"])
    measured = {(row["system"], row["reading"], row["task"]): as_number(row, "seconds") for row in rows}
    seconds = sum(value for value in measured.values() if value == value)
    return f"{len(measured)} measurements in {seconds:,.0f} s; commit {', '.join(commits)}; {'; '.join(machines)}"
