"""SentEval's three ways to measure a classifier, by the parts that a task has (senteval/tools/validation.py).

In all of them the regularisation is chosen by accuracy on held-out training examples, rounded to two places as in
SentEval, so that of equally good ones the first is taken.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.evaluation.transfer.classifiers import Classifier, Grid
from resay.evaluation.transfer.folds import Fold, stratified_folds
from resay.evaluation.transfer.linear import LabelledFeatures, LinearClassifier

NUM_FOLDS = 10


def _best(grid: Sequence[float], accuracies: Float64[ndarray, " R"]) -> float:
    return grid[int(np.argmax(np.round(accuracies, 2)))]


def inner_k_fold(examples: LabelledFeatures, classifier: Classifier, seed: int) -> float:
    """Return accuracy in percent, the mean over 10 folds, each of which searches by 10 folds of its training part."""
    grid = classifier.grids["inner-k-fold"]
    accuracies = []
    for fold in stratified_folds(examples.labels, NUM_FOLDS, seed):
        train = examples.take(fold.train)
        inner = stratified_folds(train.labels, NUM_FOLDS, seed)
        best = _best(grid, classifier.search(train, inner, grid, seed))
        accuracies.append(classifier.fit(train, None, best, seed).accuracy(examples.take(fold.held_out)))
    return float(np.mean(accuracies))


def k_fold(train: LabelledFeatures, classifier: Classifier, seed: int) -> LinearClassifier:
    """Return the classifier that a search by 10 folds of the training part leads to."""
    grid = classifier.grids["k-fold"]
    folds = stratified_folds(train.labels, NUM_FOLDS, seed)
    best = _best(grid, classifier.search(train, folds, grid, seed))
    return classifier.fit(train, None, best, seed)


def split(
    train: LabelledFeatures, dev: LabelledFeatures, classifier: Classifier, seed: int, grid_name: Grid = "split"
) -> LinearClassifier:
    """Return the classifier that a search by the dev part leads to; one value in the grid leaves nothing to search."""
    grid = classifier.grids[grid_name]
    if len(grid) == 1:
        return classifier.fit(train, dev, grid[0], seed)
    num_train = len(train.labels)
    together = LabelledFeatures(*(np.concatenate(pair) for pair in zip(train, dev, strict=True)))
    fold = Fold(np.arange(num_train), np.arange(num_train, len(together.labels)))
    best = _best(grid, classifier.search(together, [fold], grid, seed))
    return classifier.fit(train, dev, best, seed)
