"""From the vectors of a task's parts to its figures: one function for each kind of task.

Axes: N examples, D components of a vector.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray

from resay.evaluation.similarity.cosines import row_cosines
from resay.evaluation.transfer.classifiers import Classifier
from resay.evaluation.transfer.correlations import pearson, spearman
from resay.evaluation.transfer.linear import LabelledFeatures
from resay.evaluation.transfer.protocols import inner_k_fold, k_fold, split
from resay.evaluation.transfer.relatedness import fit_relatedness, predicted_scores


class EmbeddedExamples(NamedTuple):
    """`Examples` whose texts are vectors."""

    columns: tuple[Float32[ndarray, "N D"], ...]
    targets: Int64[ndarray, " N"] | Float64[ndarray, " N"]


EmbeddedParts = Mapping[str, EmbeddedExamples]
Figures = Mapping[str, float]


def pair_features(first: Float32[ndarray, "N D"], second: Float32[ndarray, "N D"]) -> Float32[ndarray, "N F"]:
    """Return |u − v|, u · v (Tai et al. 2015), which do not depend on the order of the two."""
    return np.concatenate([np.abs(first - second), first * second], axis=1)


def ordered_features(first: Float32[ndarray, "N D"], second: Float32[ndarray, "N D"]) -> Float32[ndarray, "N G"]:
    """Return u, v, u · v, |u − v| (Conneau et al. 2017)."""
    return np.concatenate([first, second, first * second, np.abs(first - second)], axis=1)


def measure_paraphrase(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy and F1 of the label 1, in percent."""
    train, test = (_with_pair_features(parts[part]) for part in ("train", "test"))
    predicted = k_fold(train, classifier, seed).predict(test.features)
    return classification_figures(predicted, test.labels) | {"f1": f1(predicted, test.labels)}


def measure_entailment(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy, in percent."""
    train, dev, test = (_with_pair_features(parts[part]) for part in ("train", "dev", "test"))
    return {"accuracy": split(train, dev, classifier, seed).accuracy(test)}


def measure_inference(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy with SentEval's features for SNLI, and with |u − v|, u · v alone, in percent."""
    accuracies = {}
    for name, features in (("accuracy", ordered_features), ("accuracy_pair_features", pair_features)):
        train, dev, test = (
            LabelledFeatures(features(*parts[part].columns), parts[part].targets) for part in ("train", "dev", "test")
        )
        accuracies[name] = split(train, dev, classifier, seed, "unregularised").accuracy(test)
    return accuracies


def measure_relatedness(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return how closely scores are followed, by SentEval's regression and by the plain cosine.

    Returns:
        ``pearson``, ``spearman`` and ``mse``, the mean squared error in squared points, of the regression;
        ``cosine_pearson`` and ``cosine_spearman``, for which nothing is learned.
    """
    train, dev, test = (pair_features(*parts[part].columns) for part in ("train", "dev", "test"))
    scores = parts["test"].targets.astype(np.float64)
    layer = fit_relatedness(train, parts["train"].targets, dev, parts["dev"].targets, seed)
    predicted = predicted_scores(layer, test)
    cosines = row_cosines(*parts["test"].columns)
    return {
        "pearson": pearson(predicted, scores),
        "spearman": spearman(predicted, scores),
        "mse": float(np.mean((predicted - scores) ** 2)),
        "cosine_pearson": pearson(cosines, scores),
        "cosine_spearman": spearman(cosines, scores),
    }


def measure_by_inner_folds(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy, in percent, of a task of one part."""
    return {"accuracy": inner_k_fold(_as_they_are(parts["train"]), classifier, seed)}


def measure_by_folds(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy, in percent, of a task without a dev part."""
    train, test = (_as_they_are(parts[part]) for part in ("train", "test"))
    return {"accuracy": k_fold(train, classifier, seed).accuracy(test)}


def measure_by_split(parts: EmbeddedParts, classifier: Classifier, seed: int) -> Figures:
    """Return accuracy, in percent, of a task with a dev part."""
    train, dev, test = (_as_they_are(parts[part]) for part in ("train", "dev", "test"))
    return {"accuracy": split(train, dev, classifier, seed).accuracy(test)}


def f1(predicted: Int64[ndarray, " N"], labels: Int64[ndarray, " N"]) -> float:
    """Return 2 PR / (P + R) of the label 1 in percent; 0 if it is never predicted rightly."""
    both = int(((predicted == 1) & (labels == 1)).sum())
    return 100 * 2 * both / max(int((predicted == 1).sum() + (labels == 1).sum()), 1)


def classification_figures(predicted: Int64[ndarray, " N"], labels: Int64[ndarray, " N"]) -> dict[str, float]:
    """Return accuracy, in percent."""
    return {"accuracy": 100 * float(np.mean(predicted == labels))}


def _with_pair_features(examples: EmbeddedExamples) -> LabelledFeatures:
    return LabelledFeatures(pair_features(*examples.columns), examples.targets)


def _as_they_are(examples: EmbeddedExamples) -> LabelledFeatures:
    return LabelledFeatures(examples.columns[0], examples.targets)
