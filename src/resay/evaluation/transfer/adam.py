"""SentEval's own classifier: logistic regression by Adam, stopped early.

The default configuration of SentEval (senteval/tools/classifier.py, "pytorch", nhid 0): batches of 64; accuracy on a
held-out part after every 4 epochs; the best weights are kept; stopped at the sixth time in all that it is no better
(its counter is never reset) or after 200 epochs. L2 regularisations 10⁻⁵ to 10⁻² are Adam's `weight_decay`.

Reference: Conneau and Kiela 2018, https://arxiv.org/abs/1803.05449.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray

from resay.evaluation.transfer.descent import SoftmaxDescent, cross_entropy_slope, one_hot, with_ones
from resay.evaluation.transfer.linear import LinearClassifier

EPOCHS_BETWEEN_LOOKS, TENACITY, MAX_EPOCHS = 4, 5, 200
HELD_OUT_SHARE = 0.05


def fit_stopped_early(
    train: tuple[Float32[ndarray, "N D"], Int64[ndarray, " N"]],
    dev: tuple[Float32[ndarray, "M D"], Int64[ndarray, " M"]],
    regularisations: Sequence[float],
    num_classes: int,
    seed: int,
) -> tuple[list[LinearClassifier], Float64[ndarray, " R"]]:
    """Train one classifier for each regularisation.

    Args:
        train: Features and labels to learn from.
        dev: Those that say when to stop.
        regularisations: λ of each.
        num_classes: Labels there are.
        seed: Decides first weights and order, the same for all regularisations, as in SentEval.

    Returns:
        The classifiers as they were at their best, and their best accuracies on `dev`, 0 to 1.
    """
    descent = SoftmaxDescent(train[0], one_hot(train[1], num_classes), regularisations, cross_entropy_slope, seed)
    dev_features, dev_labels = with_ones(dev[0]), dev[1]
    best = [descent.layer(number) for number in range(len(regularisations))]
    accuracies = np.full(len(regularisations), -1.0)
    num_failures = np.zeros(len(regularisations), np.int64)
    running = list(range(len(regularisations)))
    # `<=`, so that 204 epochs are possible, is SentEval's.
    for _ in range(0, MAX_EPOCHS + 1, EPOCHS_BETWEEN_LOOKS):
        for _ in range(EPOCHS_BETWEEN_LOOKS):
            descent.run_epoch()
        found = (descent.logits(dev_features).argmax(2) == dev_labels[:, None]).mean(0)
        for place, number in enumerate(running):
            if found[place] > accuracies[number]:
                accuracies[number] = found[place]
                best[number] = descent.layer(place)
            else:
                num_failures[number] += 1
        places = [place for place, number in enumerate(running) if num_failures[number] <= TENACITY]
        if not places:
            break
        if len(places) < len(running):
            descent.keep(places)
            running = [running[place] for place in places]
    return best, accuracies
