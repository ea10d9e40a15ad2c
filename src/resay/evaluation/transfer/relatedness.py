"""SentEval's supervised similarity: a distribution over the scores 1 to 5, whose mean is the prediction.

Tai et al. 2015, section 4.2, https://arxiv.org/abs/1503.00075: a score y is the distribution that has y − ⌊y⌋ on
⌊y⌋ + 1 and the rest on ⌊y⌋. As SentEval trains it (senteval/tools/relatedness.py): softmax layer, squared error of the
probabilities, Adam, batches of 64, no regularisation; Pearson's correlation on the dev part after every 50 epochs; the
best weights are kept; stopped at the fourth time in all that it is no better, or after 1000 epochs.

Scores of STS-B begin at 0, for which there is no class: below 1 the target adds up to less than 1, in SentEval as here.
"""

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray

from resay.evaluation.transfer.correlations import pearson
from resay.evaluation.transfer.descent import SoftmaxDescent, softmax, squared_error_slope
from resay.evaluation.transfer.linear import LinearClassifier

NUM_CLASSES = 5
EPOCHS_BETWEEN_LOOKS, TENACITY, MAX_EPOCHS = 50, 3, 1000


def score_distributions(scores: Float64[ndarray, " N"]) -> Float32[ndarray, "N 5"]:
    """Return each score as shares of the classes 1 to 5."""
    classes = np.arange(1, NUM_CLASSES + 1)
    distances = np.abs(scores[:, None] - classes)
    shares: ndarray = np.maximum(1 - distances, 0).astype(np.float32)
    return shares


def predicted_scores(layer: LinearClassifier, features: Float32[ndarray, "N D"]) -> Float64[ndarray, " N"]:
    """Return Σ_k k p_k."""
    probabilities = softmax(layer.logits(features)).astype(np.float64)
    scores: ndarray = probabilities @ np.arange(1, NUM_CLASSES + 1)
    return scores


def fit_relatedness(
    train: Float32[ndarray, "N D"],
    train_scores: Float64[ndarray, " N"],
    dev: Float32[ndarray, "M D"],
    dev_scores: Float64[ndarray, " M"],
    seed: int,
) -> LinearClassifier:
    """Train the layer.

    Args:
        train: Features to learn from.
        train_scores: Their scores.
        dev: Features that say when to stop.
        dev_scores: Their scores.
        seed: Decides first weights and order.
    """
    descent = SoftmaxDescent(train, score_distributions(train_scores), [0.0], squared_error_slope, seed)
    best, highest, num_failures = descent.layer(0), -1.0, 0
    # `<=`, so that 1050 epochs are possible, is SentEval's.
    for _ in range(0, MAX_EPOCHS + 1, EPOCHS_BETWEEN_LOOKS):
        for _ in range(EPOCHS_BETWEEN_LOOKS):
            descent.run_epoch()
        layer = descent.layer(0)
        correlation = pearson(predicted_scores(layer, dev), dev_scores)
        if correlation > highest:
            best, highest = layer, correlation
        else:
            num_failures += 1
            if num_failures > TENACITY:
                break
    return best
