"""SentEval's two ways to logistic regression, behind one interface.

================  ===================================================================================================
"lbfgs"           the default: scikit-learn's objective, SentEval's "usepytorch": False, at its optimum; C from ¼ to
                  4096
"lbfgs-senteval"  the same with SentEval's own grid, which ends at 8, or at 32 where it searches by folds
"adam"            SentEval's "usepytorch": True: mini-batches, stopped early, with its grid of weight decays; a batch's
                  loss is its mean, as torch has made of SentEval's code since 0.4.1 (it asks for the sum)
================  ===================================================================================================

They agree within about a point on vectors as long as GloVe's, for which SentEval was made. Short ones fare worse with
both of SentEval's own: its grid of C ends where small features are still held back, and Adam's steps of 10⁻³ stop
before they arrive, at another place for every seed. So a difference between two systems may be one of length under
these two, and is less so under "lbfgs".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.evaluation.transfer.adam import HELD_OUT_SHARE, fit_stopped_early
from resay.evaluation.transfer.folds import Fold
from resay.evaluation.transfer.lbfgs import PrincipalAxes, fit_logistic
from resay.evaluation.transfer.linear import LabelledFeatures, LinearClassifier

Grid = Literal["inner-k-fold", "k-fold", "split", "unregularised"]


@runtime_checkable
class Classifier(Protocol):
    """A way to learn a linear layer."""

    @property
    def grids(self) -> Mapping[Grid, Sequence[float]]:
        """Return what is tried, weight decay or C, in each protocol."""
        ...

    def search(
        self, examples: LabelledFeatures, folds: Sequence[Fold], grid: Sequence[float], seed: int
    ) -> Float64[ndarray, " R"]:
        """Return the mean accuracy on held-out examples with each value of a grid, in percent."""
        ...

    def fit(self, train: LabelledFeatures, dev: LabelledFeatures | None, value: float, seed: int) -> LinearClassifier:
        """Learn with one value of the grid; without a dev part, one that needs it holds out examples itself."""
        ...


@dataclass(frozen=True)
class AdamClassifier:
    """See `resay.evaluation.transfer.adam`; a fold's accuracy is the best that it was seen at, as in SentEval."""

    grids: Mapping[Grid, Sequence[float]]

    def search(
        self, examples: LabelledFeatures, folds: Sequence[Fold], grid: Sequence[float], seed: int
    ) -> Float64[ndarray, " R"]:
        """Return the mean accuracy on held-out examples with each weight decay, in percent."""
        found = [
            fit_stopped_early(
                examples.take(fold.train), examples.take(fold.held_out), grid, examples.num_classes, seed
            )[1]
            for fold in folds
        ]
        mean: ndarray = 100 * np.mean(found, axis=0)
        return mean

    def fit(self, train: LabelledFeatures, dev: LabelledFeatures | None, value: float, seed: int) -> LinearClassifier:
        """Learn with one weight decay; without a dev part, a twentieth is held out."""
        num_classes = train.num_classes
        if dev is None:
            order = np.random.default_rng(seed).permutation(len(train.labels))
            num_held_out = int(HELD_OUT_SHARE * len(order))
            train, dev = train.take(order[num_held_out:]), train.take(order[:num_held_out])
        return fit_stopped_early(train, dev, [value], num_classes, seed)[0][0]


@dataclass(frozen=True)
class LbfgsClassifier:
    """See `resay.evaluation.transfer.lbfgs`; the optimum depends on no seed."""

    grids: Mapping[Grid, Sequence[float]]

    def search(
        self, examples: LabelledFeatures, folds: Sequence[Fold], grid: Sequence[float], seed: int
    ) -> Float64[ndarray, " R"]:
        """Return the mean accuracy on held-out examples with each C, in percent."""
        subsets = np.zeros((len(examples.labels), len(folds)), np.bool_)
        for number, fold in enumerate(folds):
            subsets[fold.train, number] = True
        axes = PrincipalAxes.of(examples.features)
        held_out = [examples.take(fold.held_out) for fold in folds]
        found = [
            [one.accuracy(part) for one, part in zip(classifiers, held_out, strict=True)]
            for classifiers in fit_logistic(axes, examples.labels, subsets, grid, examples.num_classes)
        ]
        mean: ndarray = np.mean(found, axis=1)
        return mean

    def fit(self, train: LabelledFeatures, dev: LabelledFeatures | None, value: float, seed: int) -> LinearClassifier:
        """Learn with one C; a dev part is not needed."""
        subsets = np.ones((len(train.labels), 1), np.bool_)
        axes = PrincipalAxes.of(train.features)
        return fit_logistic(axes, train.labels, subsets, [value], train.num_classes)[0][0]


def _powers(base: float, first: int, last: int) -> tuple[float, ...]:
    return tuple(base**power for power in range(first, last + 1))


DEFAULT_CLASSIFIER = "lbfgs"
_WIDE, _DECAYS = _powers(4.0, -1, 6), _powers(10.0, -5, -2)

CLASSIFIERS: Mapping[str, Classifier] = MappingProxyType(
    {
        DEFAULT_CLASSIFIER: LbfgsClassifier(
            {"inner-k-fold": _WIDE, "k-fold": _WIDE, "split": _WIDE, "unregularised": (1e9,)}
        ),
        "lbfgs-senteval": LbfgsClassifier(
            {
                "inner-k-fold": _powers(2.0, -2, 3),
                "k-fold": _powers(2.0, -1, 5),
                "split": _powers(2.0, -2, 3),
                "unregularised": (1e9,),
            }
        ),
        "adam": AdamClassifier(
            {"inner-k-fold": _DECAYS, "k-fold": _DECAYS, "split": _DECAYS, "unregularised": (1e-9,)}
        ),
    }
)
