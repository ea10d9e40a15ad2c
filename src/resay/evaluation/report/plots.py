"""What is drawn on the page: a dot for each system and task, and the curve of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

from resay.evaluation.report.drawing import (
    BASELINES,
    FAINT,
    MODELS,
    OTHER_READING,
    OURS,
    drawing_settings,
    inline_svg,
    new_panel,
)
from resay.evaluation.report.metrics import CORRELATION, PERCENT, metric_of
from resay.evaluation.report.summary import Measure, Standing
from resay.evaluation.rows import as_number

MARKERS = ("s", "^", "v", "D", "P", "X", "<", ">", "p", "h")
"""One for each baseline; models have a dot."""


@dataclass(frozen=True, slots=True)
class Dots:
    """How a system is drawn."""

    marker: str
    colour: str
    size: int
    label: str
    bars: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """The systems of a plot.

    Attributes:
        ours: The model that the page is about.
        others: Other models.
        baselines: What was not trained by resay.
    """

    ours: Sequence[Standing]
    others: Sequence[Standing]
    baselines: Sequence[Standing]


def draw_tasks(shown: Shown, measures: Sequence[Measure], *, prefix: str) -> str:
    """Return plots of measures, a line of dots each; one plot a unit, and "" where no unit is known.

    Args:
        shown: The systems.
        measures: Tasks and metrics.
        prefix: Of ids in the plots; unique on the page.
    """
    plots: list[str] = []
    for unit in (PERCENT, CORRELATION):
        here = [measure for measure in measures if metric_of(measure[1]).unit == unit]
        if here:
            plots.append(_draw_unit(shown, here, unit, f"{prefix}{len(plots)}"))
    return "\n".join(plots)


def _draw_unit(shown: Shown, measures: Sequence[Measure], unit: str, prefix: str) -> str:
    with drawing_settings():
        pyplot, figure, panel = new_panel(0.36 * len(measures) + 1.3)
        for standing in shown.others:
            _dots(panel, standing, measures, Dots("o", MODELS, 4, "other models", bars=False))
        for standing, marker in zip(shown.baselines, MARKERS * 3, strict=False):
            _dots(panel, standing, measures, Dots(marker, BASELINES, 6, standing.label))
        for standing in shown.ours:
            marker, size = ("*", 11) if len(standing.seeds) > 1 else ("o", 8)
            colour = OURS if standing.reading == shown.ours[0].reading else OTHER_READING
            _dots(panel, standing, measures, Dots(marker, colour, size, standing.label))
        names = [f"{task}, {metric_of(metric).title}" for task, metric in measures]
        panel.set_yticks([-place for place in range(len(measures))], names)
        panel.set_ylim(-len(measures) + 0.4, 0.6)
        panel.set_xlabel(unit)
        panel.grid(axis="both")
        handles, labels = panel.get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        figure.legend(list(once.values()), list(once), fontsize=9, ncols=3, loc="outside upper left", borderpad=0)
        described = f"{unit} of {', '.join(names)} for each system, as in the table"
        text = inline_svg(figure, prefix=prefix, description=escape(described))
        pyplot.close(figure)
    return f"<figure>{text}</figure>"


def _dots(panel: Any, standing: Standing, measures: Sequence[Measure], dots: Dots) -> None:  # noqa: ANN401
    """Draw a system's figures; with bars of one standard deviation, where there are several seeds."""
    places = [place for place, measure in enumerate(measures) if measure in standing.figures]
    figures = [standing.figures[measures[place]] for place in places]
    bars = [figure.deviation if dots.bars and isfinite(figure.deviation) else 0.0 for figure in figures]
    if places:
        panel.errorbar(
            [figure.mean for figure in figures],
            [-place for place in places],
            xerr=bars,
            linestyle="",
            elinewidth=1.5,
            marker=dots.marker,
            color=dots.colour,
            markersize=dots.size,
            label=dots.label,
        )


def draw_training(history: Sequence[Mapping[str, str]]) -> str:
    """Return the curve of a training: loss on training and dev text after each epoch; "" for fewer than two.

    Args:
        history: Rows of a run's `history.csv`.
    """
    if len(history) < 2:
        return ""
    epochs = [as_number(row, "epoch") for row in history]
    with drawing_settings():
        pyplot, figure, panel = new_panel(2.6)
        for name, colour, marker in (("train_loss", FAINT, "s"), ("dev_loss", OURS, "o")):
            values = [as_number(row, name) for row in history]
            panel.plot(epochs, values, marker=marker, markersize=4, color=colour, label=name.replace("_", " "))
        panel.set(xlabel="epoch", ylabel="loss")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.grid()
        panel.legend(fontsize=9)
        text = inline_svg(figure, prefix="training", description="Loss on training and dev text after each epoch")
        pyplot.close(figure)
    return f"<figure>{text}</figure>"
