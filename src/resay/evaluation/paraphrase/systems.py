"""Rows of the table by the system that they are of, and the single values behind them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from resay.evaluation.paraphrase.curves import Curve, curve_of
from resay.evaluation.paraphrase.measuring import load_arrays
from resay.evaluation.paraphrase.results import as_number, key_of
from resay.evaluation.rows import Row


def arrays_path(scratch: Path, row: Row) -> Path:
    """Return where the single values behind a row are kept; of its key, so that another measurement has another."""
    return scratch / f"{hashlib.sha256(' '.join(key_of(row)).encode()).hexdigest()[:20]}.npz"


def system_names(rows: Sequence[Row]) -> dict[str, str]:
    """Return a name for each model: loss and options, and the model's own name where that is not enough.

    Baselines go by their own names.
    """
    models = {str(row["model"]): f"{row['loss']} {row['options']}".strip() or str(row["model"]) for row in rows}
    taken = list(models.values())
    return {model: name if taken.count(name) == 1 else f"{name} ({model})" for model, name in models.items()}


def group_by(rows: Sequence[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    """Return rows by the values of columns, in order of first appearance."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row[column]) for column in columns), []).append(row)
    return groups


def read_curve(rows: Sequence[Row], scratch: Path | None) -> Curve:
    """Return the curve of one system and strategy: of single inputs if all are kept, else of the means."""
    kept = [None if scratch is None else load_arrays(arrays_path(scratch, row)) for row in rows]
    known = [arrays for arrays in kept if arrays is not None]
    names = ("novelty", "similarity")
    if len(known) == len(rows):
        columns = [tuple(arrays[name] for name in names) for arrays in known]
    else:
        columns = [tuple(np.array([as_number(row[name])]) for name in names) for row in rows]
    points = zip(rows, columns, strict=True)
    return curve_of([(as_number(row["dial"]), novelty, similarity) for row, (novelty, similarity) in points])


def read_curves(first: Sequence[Row], second: Sequence[Row], scratch: Path | None) -> tuple[Curve, Curve]:
    """Return two curves by single inputs, or both by means where one has no more than that."""
    curves = read_curve(first, scratch), read_curve(second, scratch)
    if curves[0].novelty.shape[1] == curves[1].novelty.shape[1]:
        return curves
    return read_curve(first, None), read_curve(second, None)
