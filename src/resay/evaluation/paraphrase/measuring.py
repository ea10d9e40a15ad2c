"""From candidates to a row of results, and to the values of the single inputs that stand behind it."""

import math
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.evaluation.paraphrase.flips import AreAntonyms
from resay.evaluation.paraphrase.judge import Judge, judge_sets
from resay.evaluation.paraphrase.measures import MEASURES, measure_set
from resay.vectors.atomic_file import atomic_file

DIGITS = 4

Values = Mapping[str, Float64[ndarray, " B"]]


def measure(
    judge: Judge,
    sentences: Sequence[str],
    candidates: Sequence[Sequence[str]],
    *,
    num_wanted: int,
    are_antonyms: AreAntonyms,
) -> tuple[dict[str, Float64[ndarray, " B"]], Float64[ndarray, " K"]]:
    """Return each measure for each input, and the judge's similarity of all candidates in order.

    Raises:
        MissingExtraError: If sacrebleu is not installed.
    """
    judged = judge_sets(judge, sentences, candidates)
    sets = [
        measure_set(sentence, one, similarities, num_wanted, are_antonyms)
        for sentence, one, similarities in zip(sentences, candidates, judged, strict=True)
    ]
    values = {name: np.array([one[name] for one in sets], dtype=np.float64) for name in MEASURES}
    return values, np.array([similarity for one in judged for similarity in one], dtype=np.float64)


def summarize(values: Values) -> dict[str, float | None]:
    """Return the mean of each measure over the inputs that have a value; None if none has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is NaN, as it should
        means = {name: float(np.nanmean(column)) for name, column in values.items()}
    return {name: None if math.isnan(value) else round(value, DIGITS) for name, value in means.items()}


def save_arrays(path: Path, arrays: Mapping[str, ndarray]) -> None:
    """Write arrays to an .npz file at once or not at all, in single precision."""
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        single: dict[str, Any] = {name: array.astype(np.float32) for name, array in arrays.items()}
        np.savez_compressed(stream, **single)


def load_arrays(path: Path) -> dict[str, Float64[ndarray, " ..."]] | None:
    """Return what `save_arrays` wrote, None if there is no such file or it is damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name].astype(np.float64) for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
