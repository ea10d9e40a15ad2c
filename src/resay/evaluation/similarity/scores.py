"""How closely the cosine of a system's vectors follows the grades.

Intervals are those of the percentile bootstrap over pairs. A sentence stands in a few pairs, so that pairs are not
quite independent and the intervals are a little too narrow; a paired difference suffers less from it.

Axes: K pairs, R resamples.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray

from resay.errors import MissingExtraError
from resay.evaluation.similarity.cosines import row_cosines
from resay.evaluation.similarity.graded_pairs import GradedPairs

Embed = Callable[[Sequence[str]], Float32[ndarray, "B D"]]

NUM_RESAMPLES = 1000
INTERVAL = (2.5, 97.5)
"""Percentiles between which 95 % of the resamples lie."""
_PART = 100
"""Resamples that are in memory together."""


def _row_pearson(first: Float64[ndarray, "R K"], second: Float64[ndarray, "R K"]) -> Float64[ndarray, " R"]:
    centred = [values - values.mean(axis=1, keepdims=True) for values in (first, second)]
    products = np.einsum("rk,rk->r", *centred)
    lengths = np.sqrt(np.einsum("rk,rk->r", centred[0], centred[0]) * np.einsum("rk,rk->r", centred[1], centred[1]))
    varies = (np.ptp(first, axis=1) > 0) & (np.ptp(second, axis=1) > 0)
    correlations: Float64[ndarray, " R"] = np.where(varies, products / np.where(varies, lengths, 1.0), np.nan)
    return correlations


def _row_spearman(first: Float64[ndarray, "R K"], second: Float64[ndarray, "R K"]) -> Float64[ndarray, " R"]:
    try:
        from scipy.stats import rankdata
    except ImportError:
        raise MissingExtraError(
            "rank correlation needs scipy, not installed here; run: pip install 'resay[evaluation]'"
        ) from None
    return _row_pearson(rankdata(first, axis=1), rankdata(second, axis=1))


Correlation = Callable[[Float64[ndarray, "R K"], Float64[ndarray, "R K"]], Float64[ndarray, " R"]]
CORRELATIONS: Mapping[str, Correlation] = MappingProxyType(
    {"cosine_pearson": _row_pearson, "cosine_spearman": _row_spearman}
)


def pair_cosines(pairs: GradedPairs, embed: Embed) -> Float64[ndarray, " K"]:
    """Return the cosine of a system's vectors for each pair; each sentence is embedded once."""
    texts = list(dict.fromkeys(text for pair in pairs.sentences for text in pair))
    place = {text: row for row, text in enumerate(texts)}
    vectors = embed(texts)
    firsts, seconds = (vectors[[place[pair[side]] for pair in pairs.sentences]] for side in (0, 1))
    return row_cosines(firsts, seconds)


def evaluate_similarity(
    pairs: GradedPairs, embed: Embed, *, num_resamples: int = NUM_RESAMPLES, seed: int = 0
) -> Mapping[str, float]:
    """Return Pearson's and Spearman's correlation of cosine and grade.

    Returns:
        ``cosine_pearson``, ``cosine_spearman``, each also with ``_low`` and ``_high``, the ends of its 95 % interval.
        NaN for a system whose cosines do not vary.
    """
    cosines = pair_cosines(pairs, embed)
    measured = {}
    for name, correlation in CORRELATIONS.items():
        measured[name] = float(correlation(cosines[None], pairs.grades[None])[0])
        resampled = _resampled(correlation, cosines, pairs.grades, num_resamples, seed)
        measured |= _interval(name, resampled)
    return measured


def compare_similarity(
    pairs: GradedPairs, first: Embed, second: Embed, *, num_resamples: int = NUM_RESAMPLES, seed: int = 0
) -> Mapping[str, float]:
    """Return by how much the first system's correlations are higher than the second's.

    Both are measured on the same resamples of the pairs, so that hard and easy pairs weigh alike on both sides.

    Returns:
        ``cosine_pearson``, ``cosine_spearman``: first less second, each with ``_low`` and ``_high``; an interval
        that holds 0 means that the difference may be chance.
    """
    ours, theirs = (pair_cosines(pairs, embed) for embed in (first, second))
    measured = {}
    for name, correlation in CORRELATIONS.items():
        values = [float(correlation(one[None], pairs.grades[None])[0]) for one in (ours, theirs)]
        resampled = [_resampled(correlation, one, pairs.grades, num_resamples, seed) for one in (ours, theirs)]
        measured[name] = values[0] - values[1]
        measured |= _interval(name, resampled[0] - resampled[1])
    return measured


def evaluate_sources(pairs: GradedPairs, embed: Embed) -> Mapping[str, float]:
    """Return Pearson's correlation over the pairs of each source alone, NaN below three pairs.

    Grades of one source lie closer together, so that these are lower than over all pairs; they show whether a system
    owes its score to one source.
    """
    cosines = pair_cosines(pairs, embed)
    names = np.array(pairs.sources)
    measured = {}
    for name in dict.fromkeys(pairs.sources):
        own = names == name
        enough = own.sum() >= 3
        measured[name] = float(_row_pearson(cosines[None, own], pairs.grades[None, own])[0]) if enough else float("nan")
    return measured


def _resampled(
    correlation: Correlation,
    cosines: Float64[ndarray, " K"],
    grades: Float64[ndarray, " K"],
    num_resamples: int,
    seed: int,
) -> Float64[ndarray, " R"]:
    generator = np.random.default_rng(seed)
    found = []
    for start in range(0, num_resamples, _PART):
        size = (min(_PART, num_resamples - start), len(grades))
        places: Int64[ndarray, "R K"] = generator.integers(len(grades), size=size)
        found.append(correlation(cosines[places], grades[places]))
    return np.concatenate(found)


def _interval(name: str, resampled: Float64[ndarray, " R"]) -> dict[str, float]:
    known = resampled[np.isfinite(resampled)]
    low, high = np.percentile(known, INTERVAL).tolist() if len(known) else (float("nan"), float("nan"))
    return {f"{name}_low": low, f"{name}_high": high}
