"""The plot: latency and goodput over the offered load, a column a class of users, the knee marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.figures import LEAST_SHARE
from traffic.kinds import KINDS, USERS

from knee.rows import ALL, Row

PERCENTILES = {"p50_ms": "#6baed6", "p90_ms": "#2171b5", "p99_ms": "#08306b"}
KIND_COLOURS = dict(zip(KINDS, ("#08306b", "#8c510a", "#bf812d", "#762a83"), strict=True))
GOOD, RIGHT, KNEE, LIMIT, CLOSED = "#1b7837", "#a6dba0", "#b2182b", "#e08214", "#969696"
_TICKS_MS = [base * 10**power for power in range(5) for base in (1, 2, 5)]
_TRIANGLE = 0.78  # height in the panel, of a percentile at which no answer came


def draw(rows: Sequence[Row], limits_ms: Mapping[str, float], path: Path) -> None:
    """Draw the open loop's steps, with the closed loop's in grey; write a PNG.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    from resay.evaluation.pyplot import load_pyplot  # whose package imports torch

    pyplot = load_pyplot()
    classes = list(dict.fromkeys(row["users"] for row in rows))
    figure, axes = pyplot.subplots(2, len(classes), figsize=(4.4 * len(classes), 7.6), squeeze=False, sharex="col")
    for column, users in enumerate(classes):
        of_class = [row for row in rows if row["users"] == users]
        total = [row for row in of_class if row["kind"] == ALL]
        upper, lower = axes[:, column]
        if len(USERS[users]) == 1:
            _draw_percentiles(upper, total, limits_ms[next(iter(USERS[users]))])
        else:
            _draw_kinds(upper, of_class, {name: limits_ms[name] for name in USERS[users]})
        _draw_goodput(lower, total)
        _finish_latency(upper)
        loads = [row["load"] for row in total if row["knee"]]
        upper.set_title(f"{users}: knee at {loads[0]:,.4g}/s" if loads else f"{users}: no knee", fontsize=10)
        lower.set_xlabel(f"offered, {_unit(users)} a second")
        for axis in (upper, lower):
            for load in loads:
                axis.axvline(load, color=KNEE, linewidth=1)
            axis.set_xlim(left=0)
            axis.grid(alpha=0.2)
            axis.legend(fontsize=7, edgecolor="none", loc="upper left", ncols=2)
    axes[0, 0].set_ylabel("latency from the due moment, ms")
    axes[1, 0].set_ylabel("answered, requests a second")
    figure.suptitle(_title(rows), fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _draw_percentiles(axis: Any, rows: Sequence[Row], limit_ms: float) -> None:  # noqa: ANN401 (matplotlib)
    for name, colour in PERCENTILES.items():
        _draw_line(axis, _of_mode(rows, "open"), name, colour, name.partition("_")[0])
    closed = _of_mode(rows, "closed")
    achieved = [row["achieved_per_s"] for row in closed]
    axis.plot(achieved, _finite(closed, "p99_ms"), "x", color=CLOSED, markersize=4, label="p99 of closed loop")
    axis.axhline(limit_ms, color=LIMIT, linestyle="--", linewidth=1, label=f"limit {limit_ms:g} ms")


def _draw_kinds(axis: Any, rows: Sequence[Row], limits_ms: Mapping[str, float]) -> None:  # noqa: ANN401 (matplotlib)
    for name, limit_ms in limits_ms.items():
        colour = KIND_COLOURS[name]
        _draw_line(
            axis, [row for row in _of_mode(rows, "open") if row["kind"] == name], "p99_ms", colour, f"p99 {name}"
        )
        axis.axhline(limit_ms, color=colour, linestyle="--", linewidth=1, label=f"limit {limit_ms:g} ms")


def _draw_line(axis: Any, rows: Sequence[Row], name: str, colour: str, label: str) -> None:  # noqa: ANN401 (matplotlib)
    axis.plot([row["load"] for row in rows], _finite(rows, name), color=colour, marker="o", markersize=3.5, label=label)
    lost = [row["load"] for row in rows if math.isinf(row[name])]
    if lost:
        heights = [_TRIANGLE] * len(lost)
        axis.plot(lost, heights, "^", color=colour, transform=axis.get_xaxis_transform(), label=f"{label}: none came")


def _draw_goodput(axis: Any, rows: Sequence[Row]) -> None:  # noqa: ANN401 (matplotlib)
    steps = _of_mode(rows, "open")
    loads = [row["load"] for row in steps]
    style = {"marker": "o", "markersize": 3.5}
    axis.plot(loads, loads, color=CLOSED, linestyle=":", label="offered")
    axis.plot(loads, [row["achieved_per_s"] for row in steps], color=RIGHT, label="rightly", **style)
    axis.plot(loads, [row["goodput_per_s"] for row in steps], color=GOOD, label="rightly, in time", **style)
    axis.set_ylim(0, 1.25 * max(loads, default=1.0))


def _finish_latency(axis: Any) -> None:  # noqa: ANN401 (matplotlib)
    """Leave room for the legend; name the values as people do."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    axis.set_ylim(low, high * (high / low) ** 0.35)
    axis.set_yticks([tick for tick in _TICKS_MS if low <= tick <= high])
    axis.set_yticks([], minor=True)
    axis.yaxis.set_major_formatter("{x:g}")


def _finite(rows: Sequence[Row], name: str) -> list[float]:
    return [row[name] if math.isfinite(row[name]) else math.nan for row in rows]


def _of_mode(rows: Sequence[Row], mode: str) -> list[Row]:
    return sorted((row for row in rows if row["mode"] == mode), key=lambda row: float(row["load"]))


def _unit(users: str) -> str:
    numbers = {KINDS[name].num_texts for name in USERS[users]}
    return f"requests of {numbers.pop()} texts" if len(numbers) == 1 and numbers != {1} else "requests"


def _title(rows: Sequence[Row]) -> str:
    row = next((row for row in rows if row["mode"] == "open"), rows[0])
    return (
        f"{row['model']}, {row['commit']}, {row['hardware']}; open loop, {row['arrivals']} arrivals, "
        f"{row['seconds']:g} s a point\nthe knee: {LEAST_SHARE:.0%} of arrivals are answered rightly within the limit"
    )
