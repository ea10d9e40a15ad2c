"""The plot of the frontier: similarity over diversity, a panel a strategy."""

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Any

from resay.errors import CorpusError
from resay.evaluation.paraphrase.baselines import BASELINES, DIALLED
from resay.evaluation.paraphrase.results import as_number
from resay.evaluation.paraphrase.systems import group_by, system_names
from resay.evaluation.pyplot import load_pyplot
from resay.evaluation.rows import Row

COLOURS: Mapping[str, str] = {
    "ce": "#222222",
    "weighted-ce": "#e08214",
    "weighted-sim": "#b2182b",
    "soft-label N=3": "#a6d854",
    "soft-label N=5": "#33a02c",
    "soft-label N=10": "#00572a",
}
OTHER_COLOURS = ("#4575b4", "#984ea3", "#31748c", "#8c6d31", "#e7298a", "#7570b3")
BASELINE_COLOUR = "#777777"
MARKERS: Mapping[str, str] = {"parrot": "D", "nearest": "^", "random": "v", "synonyms": "s"}
ACROSS = {"novelty": "novelty against the input", "self_bleu": "difference within the set (1 - self-BLEU)"}
PANEL_WIDTH, PANEL_HEIGHT = 3.2, 3.3
HEIGHT_RATIOS = (1.3, 1.0)
LEGEND_COLUMNS = 6


def draw_frontier(rows: Sequence[Row], path: Path) -> None:
    """Draw the table: a panel a strategy, a line a model from dial 0 (small mark) to dial 1 (large mark).

    The upper row has novelty across, the lower one how much the candidates of one input differ.

    Raises:
        CorpusError: If the table has no row of a model.
        MissingExtraError: If matplotlib is not installed.
    """
    of_models = [row for row in rows if row["strategy"] not in BASELINES]
    baselines = [row for row in rows if row["strategy"] in BASELINES]
    strategies = list(dict.fromkeys(str(row["strategy"]) for row in of_models))
    if not strategies:
        raise CorpusError("the table holds no model's row to draw; measure one first")
    names = system_names(of_models)
    colours = choose_colours(list(dict.fromkeys(names.values())))
    pyplot = load_pyplot()
    shape = (len(ACROSS), len(strategies))
    size = (max(6.5, PANEL_WIDTH * shape[1] + 0.5), PANEL_HEIGHT * shape[0] + 1.0)
    layout: dict[str, Any] = {"sharex": "row", "sharey": True, "squeeze": False}
    figure, axes = pyplot.subplots(*shape, figsize=size, height_ratios=HEIGHT_RATIOS, **layout)
    for (measure, label), panels in zip(ACROSS.items(), axes, strict=True):
        for strategy, axis in zip(strategies, panels, strict=True):
            here = [row for row in of_models if row["strategy"] == strategy]
            for (model,), points in group_by(here, "model").items():
                draw_line(axis, points, measure, color=colours[names[model]], label=names[model])
            axis.set_title(strategy, fontsize=10)
            axis.set_xlabel(label, fontsize=9)
            axis.tick_params(labelsize=8)
            axis.grid(alpha=0.25)
        panels[0].set_ylabel("similarity by the judge", fontsize=9)
    axes[0, 0].set_ylim(*vertical_range(of_models, baselines))
    for measure, panels in zip(ACROSS, axes, strict=True):
        for axis in panels:
            draw_baselines(axis, baselines, measure)
    finish(figure, axes, of_models[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def choose_colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for each system: the loss's own, or the next of the others."""
    others = [name for name in names if name not in COLOURS]
    free = {name: OTHER_COLOURS[index % len(OTHER_COLOURS)] for index, name in enumerate(others)}
    return {name: COLOURS.get(name) or free[name] for name in names}


def points_of(rows: Sequence[Row], measure: str) -> tuple[list[float], list[float]]:
    """Return what is drawn across and up, in the order of the dial; rows without a value are left out."""
    ordered = sorted(rows, key=lambda row: as_number(row["dial"]) if row["dial"] != "" else 0.0)
    pairs = [(as_number(row[measure]), as_number(row["similarity"])) for row in ordered]
    known = [(1 - one if measure == "self_bleu" else one, other) for one, other in pairs if isfinite(one + other)]
    return [one for one, _ in known], [other for _, other in known]


def draw_line(axis: Any, rows: Sequence[Row], measure: str, *, color: str, label: str) -> None:  # noqa: ANN401
    """Draw a system's frontier, its marks growing with the dial."""
    across, up = points_of(rows, measure)
    sizes = [9 + 26 * place / max(1, len(up) - 1) for place in range(len(up))]
    axis.plot(across, up, color=color, label=label, linewidth=1.4)
    axis.scatter(across, up, color=color, s=sizes, zorder=3, linewidths=0)


def vertical_range(of_models: Sequence[Row], baselines: Sequence[Row]) -> tuple[float, float]:
    """Return a range that holds every line; baselines of one point may lie below it."""
    lines = [*of_models, *(row for row in baselines if row["strategy"] in DIALLED)]
    heights = [height for row in lines if isfinite(height := as_number(row["similarity"]))]
    return max(-1.0, min(heights, default=0.0) - 0.06), 1.03


def draw_baselines(axis: Any, baselines: Sequence[Row], measure: str) -> None:  # noqa: ANN401
    """Draw word replacement as a dashed line and the others as points; what lies outside says so at the edge."""
    low, high = axis.get_ylim()
    for (name,), rows in group_by(baselines, "strategy").items():
        across, up = points_of(rows, measure)
        style = {"color": BASELINE_COLOUR, "marker": MARKERS.get(name, "x"), "markersize": 4.5, "clip_on": False}
        if name in DIALLED:
            axis.plot(across, up, linestyle="--", linewidth=1.2, label=name, zorder=2, **style)
            continue
        for x, y in zip(across, up, strict=True):
            shown = min(max(y, low), high)
            axis.plot([x], [shown], linestyle="none", label=name, zorder=4, **style)
            if shown != y:
                align = "right" if x > 0.5 else "left"
                above = shown == low
                note = f"{name} at {y:.2f}"
                offset = (0, 5 if above else -11)
                axis.annotate(
                    note, (x, shown), offset, textcoords="offset points", ha=align, fontsize=7, color=BASELINE_COLOUR
                )


def finish(figure: Any, axes: Any, first: Row) -> None:  # noqa: ANN401
    """Add one legend for all panels and a line that says what was measured."""
    drawn = [axis.get_legend_handles_labels() for axis in axes.flat]
    handles = {label: handle for one in drawn for handle, label in zip(*one, strict=True)}
    columns = min(LEGEND_COLUMNS, len(handles))
    height = figure.get_size_inches()[1]
    legend_height = (0.22 * ceil(len(handles) / columns) + 0.12) / height
    figure.legend(list(handles.values()), list(handles), loc="lower center", ncols=columns, frameon=False, fontsize=8.5)
    figure.suptitle(
        f"{int(as_number(first['num_sentences'])):,} inputs, {first['n']} candidates each; marks grow with the"
        f" dial; judge: {str(first['judge']).split()[0]}",
        fontsize=9,
    )
    figure.tight_layout(rect=(0, legend_height, 1, 1))
