"""Plots of the tables: dots a run for perplexities and classifiers, a panel a run for dimensions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, isnan
from pathlib import Path
from typing import Any

import numpy as np

from resay.errors import CorpusError
from resay.evaluation.latents.dimensions import covariance_of_rows
from resay.evaluation.latents.findings import Tables
from resay.evaluation.latents.spoil import DEAD_SHARE
from resay.evaluation.latents.summary import TABLES, by_run, growths, in_order, orders
from resay.evaluation.latents.table import as_number
from resay.evaluation.pyplot import load_pyplot

DARK, GREEN, BLUE, RED, GREY = "#222222", "#33a02c", "#4575b4", "#b2182b", "#999999"
LATENTS = {
    "mean": ("o", DARK, "mean"),
    "rounded": ("s", GREEN, "rounded bits"),
    "sampled": ("D", BLUE, "drawn"),
    "latent": ("o", GREY, "the only one"),
}
"""Columns of the table of perplexities: marker, colour, name."""
FEATURES = {
    "bits": ("s", GREEN),
    "probabilities": ("o", BLUE),
    "logits": ("D", DARK),
    "mean": ("^", RED),
    "latent": ("v", "#e08214"),
    "embedding": ("*", GREY),
    "chance": ("x", GREY),
}
"""Features of classifiers: marker and colour."""
NUM_COLUMNS = 3
DPI = 110


def _save(pyplot: Any, figure: Any, path: Path) -> None:  # noqa: ANN401
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI)
    pyplot.close(figure)


def _dots(axis: Any, rows: Sequence[tuple[float, float]], style: tuple[str, str], label: str) -> None:  # noqa: ANN401
    known = [(across, up) for across, up in rows if not isnan(across)]
    if known:
        marker, colour = style
        axis.plot(*zip(*known, strict=True), marker, color=colour, label=label, markersize=6, alpha=0.85)


def draw_perplexity(tables: Tables, path: Path) -> None:
    """Draw the perplexities of each run as dots on a logarithmic axis (Table 1)."""
    rows = tables["perplexity"]
    pyplot = load_pyplot()
    figure, axis = pyplot.subplots(figsize=(7, 0.36 * len(rows) + 1.5))
    for name, (marker, colour, label) in LATENTS.items():
        random = [not isnan(as_number(row, "perplexity_sampled")) for row in rows]
        points = [
            (as_number(row, f"perplexity_{name}"), float(-place))
            for place, row in enumerate(rows)
            if not (name == "latent" and random[place])
        ]
        _dots(axis, points, (marker, colour), label)
    axis.set(xscale="log", xlabel="perplexity of a sentence, averaged over sentences")
    axis.set_yticks([-place for place in range(len(rows))], [row["run"] for row in rows])
    for formatted in (axis.xaxis.set_major_formatter, axis.xaxis.set_minor_formatter):
        formatted("{x:g}")
    axis.tick_params(axis="x", which="both", labelsize=8, length=3, pad=4)
    axis.grid(alpha=0.3, which="both", linewidth=0.5)
    figure.legend(fontsize=8, ncols=len(LATENTS), frameon=False, loc="upper center")
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / figure.get_size_inches()[1]))
    _save(pyplot, figure, path)


def draw_classification(tables: Tables, path: Path) -> None:
    """Draw NLL and accuracy of each run's features, a row of panels an input (Table 3)."""
    pyplot = load_pyplot()
    rows = tables["classify"]
    inputs = list(dict.fromkeys(row["input"] for row in rows))
    groups = [by_run([row for row in rows if row["input"] == given]) for given in inputs]
    height = sum(0.36 * len(group) + 1 for group in groups) + 0.5
    ratios = [len(group) + 2 for group in groups]
    figure, axes = pyplot.subplots(
        len(inputs), 2, figsize=(9, height), height_ratios=ratios, sharey="row", squeeze=False
    )
    for given, group, panels in zip(inputs, groups, axes, strict=True):
        names = list(group)
        for measure, axis in zip(("nll", "accuracy"), panels, strict=True):
            for features, style in FEATURES.items():
                points = [
                    (as_number(row, measure), float(-place))
                    for place, name in enumerate(names)
                    for row in group[name]
                    if row["features"] == features
                ]
                _dots(axis, points, style, features)
            axis.set_xlabel("NLL, nats" if measure == "nll" else "accuracy")
            axis.grid(alpha=0.3, linewidth=0.5)
        panels[0].set_yticks([-place for place in range(len(names))], names)
        panels[0].set_title(given, fontsize=10, loc="left")
    drawn = [axis.get_legend_handles_labels() for axis in axes.flat]
    handles = {label: handle for one in drawn for handle, label in zip(*one, strict=True)}
    figure.legend(list(handles.values()), list(handles), fontsize=8, ncols=7, frameon=False, loc="upper center")
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / height))
    _save(pyplot, figure, path)


def _panels(num_panels: int, height: float) -> tuple[Any, Any, Iterator[Any]]:
    """Return pyplot, a figure and its panels, one after another."""
    pyplot = load_pyplot()
    columns = min(NUM_COLUMNS, num_panels)
    lines = ceil(num_panels / columns)
    size = (3.7 * columns + 0.3, height * lines + 0.3)
    figure, axes = pyplot.subplots(lines, columns, figsize=size, squeeze=False)
    for unused in axes.flat[num_panels:]:
        unused.set_visible(False)
    return pyplot, figure, iter(axes.flat)


def draw_spoiled(tables: Tables, path: Path) -> None:
    """Draw the growth of perplexity for each spoiled dimension, sorted by height (Figure 2)."""
    found = growths(tables["spoil"])
    pyplot, figure, panels = _panels(len(found), 2.5)
    for ((run, reading), growth), axis in zip(found.items(), panels, strict=False):
        axis.bar(range(len(growth.growths)), growth.growths, width=0.85, color=BLUE)
        axis.axhline(DEAD_SHARE * growth.unspoiled, color=RED, linewidth=0.8, linestyle="--")
        axis.set_title(f"{run}, {reading}: {growth.num_dead} of {len(growth.order)} dead", fontsize=9)
        axis.set_xlabel(f"dimension, sorted (unspoiled: {growth.unspoiled:.1f})", fontsize=8)
        axis.set_ylabel("growth of perplexity", fontsize=8)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    _save(pyplot, figure, path)


def draw_means(tables: Tables, path: Path) -> None:
    """Draw the mean of each bit, or mean ± deviation of other dimensions, in the order of Figure 2 (Figure 3)."""
    groups: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in tables["means"]:
        groups.setdefault((row["run"], row["reading"]), []).append(row)
    shown = {key: rows for key, rows in groups.items() if key[1] != "probabilities"}
    order = orders(tables["spoil"])
    pyplot, figure, panels = _panels(len(shown), 2.5)
    for ((run, reading), rows), axis in zip(shown.items(), panels, strict=False):
        ordered = in_order(rows, order.get(run))
        places = range(len(ordered))
        means = [as_number(row, "mean") for row in ordered]
        if reading == "bits":
            axis.bar(places, means, width=0.85, color=BLUE)
            axis.axhline(0.5, color=GREY, linewidth=0.8)
            axis.set_ylim(0, 1)
        else:
            deviations = [as_number(row, "deviation") for row in ordered]
            axis.errorbar(places, means, deviations, fmt="o", markersize=3, color=DARK, ecolor=BLUE, linewidth=1)
            axis.axhline(0, color=GREY, linewidth=0.8)
        axis.set_title(f"{run}: {'mean' if reading == 'bits' else 'mean ± deviation'} of {reading}", fontsize=9)
        axis.set_xlabel(_order_label(run in order), fontsize=8)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    _save(pyplot, figure, path)


def _order_label(sorted_by_growth: bool) -> str:
    return "dimension, by growth when spoiled" if sorted_by_growth else "dimension, by number"


def draw_covariance(tables: Tables, path: Path) -> None:
    """Draw absolute covariances of dimensions, in the order of Figure 2 (Figure 4)."""
    groups = by_run(tables["covariance"])
    order = orders(tables["spoil"])
    pyplot, figure, panels = _panels(len(groups), 3.3)
    for (run, rows), axis in zip(groups.items(), panels, strict=False):
        matrix = np.abs(covariance_of_rows(rows))
        places = [int(row["dimension"]) for row in in_order(rows, order.get(run))]
        image = axis.imshow(matrix[np.ix_(places, places)], cmap="viridis", vmin=0, interpolation="nearest")
        figure.colorbar(image, ax=axis, fraction=0.046).ax.tick_params(labelsize=7)
        axis.set_title(f"{run}: |covariance| of {rows[0]['reading']}", fontsize=9)
        axis.set_xlabel(_order_label(run in order), fontsize=8)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    _save(pyplot, figure, path)


DRAWINGS: Mapping[str, Callable[[Tables, Path], None]] = {
    "perplexity": draw_perplexity,
    "spoil": draw_spoiled,
    "means": draw_means,
    "covariance": draw_covariance,
    "classify": draw_classification,
}
"""Task to what draws its table."""


def draw(task: str, tables: Tables, folder: Path) -> Path:
    """Draw a table beside it; return the file.

    Raises:
        CorpusError: If the table has no row.
        MissingExtraError: If matplotlib is not installed.
    """
    if not tables[task]:
        raise CorpusError(f"{folder / TABLES[task]} holds nothing to draw; measure a run first")
    path = (folder / TABLES[task]).with_suffix(".png")
    DRAWINGS[task](tables, path)
    return path
