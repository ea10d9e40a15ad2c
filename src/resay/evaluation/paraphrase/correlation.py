"""How well the engine's own scores follow the judge."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.evaluation.paraphrase.measuring import load_arrays
from resay.evaluation.paraphrase.systems import arrays_path, group_by, system_names
from resay.evaluation.rows import Row

PAIR = "pair_"
"""Beginning of the names under which arrays with one entry a candidate are kept."""
OWN_SCORES = ("own", "embedding", "latent")
"""The engine's similarity, and the cosines of the embeddings and of the latents; kept beside "judge" and "input"."""


def pearson(first: Float64[ndarray, " K"], second: Float64[ndarray, " K"]) -> float:
    """Return the correlation of the pairs that hold no NaN; NaN where one side does not vary."""
    known = np.isfinite(first) & np.isfinite(second)
    first, second = first[known], second[known]
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def pearson_within(
    first: Float64[ndarray, " K"], second: Float64[ndarray, " K"], inputs: Int64[ndarray, " K"]
) -> float:
    """Return the correlation of what each score has more or less than its mean over the same input's candidates.

    This is what ranking the candidates of one input needs; how hard the input is does not enter.
    """
    known = np.isfinite(first) & np.isfinite(second)
    _, groups = np.unique(inputs[known], return_inverse=True)
    return pearson(*(_less_mean(values[known], groups) for values in (first, second)))


def _less_mean(values: Float64[ndarray, " K"], groups: Int64[ndarray, " K"]) -> Float64[ndarray, " K"]:
    less: Float64[ndarray, " K"] = values - (np.bincount(groups, values) / np.bincount(groups))[groups]
    return less


def correlations(rows: Sequence[Row], scratch: Path) -> dict[str, dict[str, tuple[float, float]]]:
    """Return for each model how its own scores correlate with the judge's, over all that is kept of it.

    Returns:
        By model and score: Pearson's correlation over all candidates, and over candidates of the same input.
    """
    names = system_names(rows)
    found = {}
    for (model,), one in group_by(rows, "model").items():
        pairs = _pairs([arrays_path(scratch, row) for row in one])
        if pairs is not None:
            inputs = pairs["input"].astype(np.int64)
            found[names[model]] = {
                name: (pearson(pairs[name], pairs["judge"]), pearson_within(pairs[name], pairs["judge"], inputs))
                for name in OWN_SCORES
            }
    return found


def _pairs(paths: Sequence[Path]) -> dict[str, Float64[ndarray, " K"]] | None:
    kept = [load_arrays(path) for path in paths]
    names = (*OWN_SCORES, "judge", "input")
    pairs = [
        {name: arrays[PAIR + name] for name in names}
        for arrays in kept
        if arrays is not None and PAIR + "own" in arrays
    ]
    return {name: np.concatenate([one[name] for one in pairs]) for name in names} if pairs else None
