"""Dimensions: how much of a score is left when only some principal components of the vectors are kept?

After "On Dimensional Linguistic Properties of the Word Embedding Space" (RepL4NLP 2020).

Axes: N sentences, D dimensions, K kept components.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray

from resay.evaluation.paraphrase.correlation import pearson
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.probes.polarity_classifier import answer
from resay.evaluation.probes.polarity_sentences import polarity_sentences
from resay.evaluation.similarity.cosines import row_cosines
from resay.evaluation.sts import SimilarityPair
from resay.evaluation.systems.system import System

LEADING = (1, 2, 5, 10, 20, 50, 100, 200)
THIRDS = ("top_third", "middle_third", "bottom_third")
FEWEST = 50


class Components(NamedTuple):
    """Principal components of vectors.

    Attributes:
        mean: Of the vectors that they were fitted on.
        directions: As columns, that of the largest variance first.
        variances: Along each, in that order.
    """

    mean: Float64[ndarray, " D"]
    directions: Float64[ndarray, "D D"]
    variances: Float64[ndarray, " D"]

    def project(self, vectors: Float[ndarray, "N D"]) -> Float64[ndarray, "N D"]:
        """Return how far vectors lie from the mean along each component."""
        projected: Float64[ndarray, "N D"] = (vectors.astype(np.float64) - self.mean) @ self.directions
        return projected


def fit_components(vectors: Float[ndarray, "N D"]) -> Components:
    """Return the principal components of vectors."""
    whole = vectors.astype(np.float64)
    mean = whole.mean(axis=0)
    variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(whole, rowvar=False)))
    return Components(mean, directions[:, ::-1], np.maximum(variances[::-1], 0.0))


def parts_of(num_dimensions: int) -> dict[str, slice]:
    """Return which components are kept under each name; `k_N` only where there are more than N."""
    leading = {f"k_{number}": slice(0, number) for number in LEADING if number < num_dimensions}
    ends = [round(num_dimensions * third / 3) for third in range(4)]
    thirds = {name: slice(start, end) for name, start, end in zip(THIRDS, ends[:-1], ends[1:], strict=True)}
    return leading | {"k_all": slice(0, num_dimensions)} | (thirds if num_dimensions >= len(THIRDS) else {})


def probe_dimensions(system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Score vectors of which only some principal components, fitted on the user's text, are kept.

    The score is the accuracy, in percent, of telling the polarity of new templates and words (`accuracy` of the probe
    polarity, but for the scale of the features: components keep the share in distances that they have).

    Returns:
        ``k_1`` … ``k_200``, ``k_all``, ``top_third``, ``middle_third``, ``bottom_third``: the score. ``enough``: the
        smallest of these k that comes within a point of `k_all`; the number of dimensions if none does.
        ``variance_top_third`` and so on: their share of the variance, in percent. With pairs of the STS Benchmark,
        ``sts_`` and the same names: Pearson's correlation of score and cosine of what is kept, and ``sts_plain`` that
        of the vectors themselves, from which no mean was subtracted.

    Raises:
        CorpusError: If the text has fewer than 50 sentences.
    """
    components = fit_components(system.embed(material.draw(FEWEST)))
    parts = parts_of(len(components.variances))
    projected = components.project(system.embed([one.text for one in polarity_sentences()]))
    scores = {
        name: answer(projected[:, part], with_negation=False, standardise=False)[0].accuracy
        for name, part in parts.items()
    }
    total = components.variances.sum() or 1.0
    variances = {
        f"variance_{name}": 100 * float(components.variances[part].sum() / total)
        for name, part in parts.items()
        if name in THIRDS
    }
    measured = scores | {"enough": _enough(scores, parts)} | variances
    return measured | (_measure_sts(system, material.sts_pairs, components, parts) if material.sts_pairs else {})


def _enough(scores: Mapping[str, float], parts: Mapping[str, slice]) -> float:
    leading = [name for name in parts if name.startswith("k_")]
    reached = [name for name in leading if scores[name] >= scores["k_all"] - 1]
    return float(parts[reached[0]].stop)


def _measure_sts(
    system: System,
    pairs: Sequence[SimilarityPair],
    components: Components,
    parts: Mapping[str, slice],
) -> dict[str, float]:
    grades = np.array([pair.score for pair in pairs], dtype=np.float64)
    vectors = [system.embed([getattr(pair, side) for pair in pairs]) for side in ("first", "second")]
    first, second = (components.project(one) for one in vectors)
    kept = {name: pearson(row_cosines(first[:, part], second[:, part]), grades) for name, part in parts.items()}
    plain = pearson(row_cosines(*vectors), grades)
    return {f"sts_{name}": value for name, value in kept.items()} | {"sts_plain": plain}
