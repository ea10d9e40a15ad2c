"""Adam on a softmax layer, several at once: the inner loop of SentEval's classifier and of its regression.

SentEval writes it in torch; here it is numpy, which for layers this small is several times as fast, and layers that
differ in their regularisation alone share every batch and every matrix product.

Axes: N examples, D features, K classes, R layers (one for each regularisation), P = D + 1 with the bias.
"""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.evaluation.transfer.linear import LinearClassifier

BATCH_SIZE = 64
LEARNING_RATE, FIRST_DECAY, SECOND_DECAY, EPSILON = 1e-3, 0.9, 0.999, 1e-8
"""Adam's, as torch has them by default."""

Slope = Callable[[Float32[ndarray, "B R K"], Float32[ndarray, "B 1 K"]], Float32[ndarray, "B R K"]]
"""Probabilities and targets to the gradient of the loss of each example with respect to its logits."""


def cross_entropy_slope(
    probabilities: Float32[ndarray, "B R K"], targets: Float32[ndarray, "B 1 K"]
) -> Float32[ndarray, "B R K"]:
    """Return ∂/∂logits of −Σ_k t_k log p_k, which is p − t."""
    slope: ndarray = probabilities - targets
    return slope


def squared_error_slope(
    probabilities: Float32[ndarray, "B R K"], targets: Float32[ndarray, "B 1 K"]
) -> Float32[ndarray, "B R K"]:
    """Return ∂/∂logits of (1/K) Σ_k (p_k − t_k)², which is (2/K) p ⊙ (e − Σ_k p_k e_k) with e = p − t."""
    errors = probabilities - targets
    weighted = probabilities * errors
    slope: ndarray = (weighted - probabilities * weighted.sum(2, keepdims=True)) * np.float32(2 / targets.shape[2])
    return slope


class SoftmaxDescent:
    """R softmax layers that see the same batches.

    Args:
        features: Of the training part.
        targets: A distribution over the classes for each example.
        regularisations: Adam's `weight_decay` of each layer: the gradient of λ/2 ‖w‖² is added, bias included.
        slope: Of the loss; it is averaged over a batch.
        seed: Decides the first weights, which all layers share, and the order of the examples.
    """

    def __init__(
        self,
        features: Float32[ndarray, "N D"],
        targets: Float32[ndarray, "N K"],
        regularisations: Sequence[float],
        slope: Slope,
        seed: int,
    ) -> None:
        self._features = with_ones(features)
        self._targets = targets
        self._slope = slope
        self._generator = np.random.default_rng(seed)
        num_inputs, num_classes = self._features.shape[1], targets.shape[1]
        bound = 1 / np.sqrt(max(features.shape[1], 1))  # torch's own for a linear layer
        first = self._generator.uniform(-bound, bound, (num_inputs, 1, num_classes)).astype(np.float32)
        self.weights = np.repeat(first, len(regularisations), axis=1)
        self._decay = np.array(regularisations, np.float32)[None, :, None]
        self._first_moment = np.zeros_like(self.weights)
        self._second_moment = np.zeros_like(self.weights)
        self._num_steps = 0

    def run_epoch(self) -> None:
        """Pass over the examples once, in a new order."""
        order = self._generator.permutation(len(self._features))
        for start in range(0, len(order), BATCH_SIZE):
            places = order[start : start + BATCH_SIZE]
            self._step(self._features.take(places, axis=0), self._targets.take(places, axis=0))

    def _step(self, features: Float32[ndarray, "B P"], targets: Float32[ndarray, "B K"]) -> None:
        weights = self.weights
        logits = (features @ weights.reshape(len(weights), -1)).reshape(len(features), *weights.shape[1:])
        slope = self._slope(softmax(logits), targets[:, None, :])
        gradient = (features.T @ slope.reshape(len(features), -1)).reshape(weights.shape)
        gradient *= np.float32(1 / len(features))
        gradient += self._decay * weights
        self._num_steps += 1
        self._first_moment *= np.float32(FIRST_DECAY)
        self._first_moment += np.float32(1 - FIRST_DECAY) * gradient
        self._second_moment *= np.float32(SECOND_DECAY)
        np.multiply(gradient, gradient, out=gradient)
        gradient *= np.float32(1 - SECOND_DECAY)
        self._second_moment += gradient
        scale = np.sqrt(self._second_moment, out=gradient)
        scale *= np.float32(1 / np.sqrt(1 - SECOND_DECAY**self._num_steps))
        scale += np.float32(EPSILON)
        np.divide(self._first_moment, scale, out=scale)
        scale *= np.float32(LEARNING_RATE / (1 - FIRST_DECAY**self._num_steps))
        weights -= scale

    def keep(self, layers: Sequence[int]) -> None:
        """Go on with these layers alone."""
        self.weights = self.weights[:, layers]
        self._decay = self._decay[:, layers]
        self._first_moment = self._first_moment[:, layers]
        self._second_moment = self._second_moment[:, layers]

    def logits(self, features_and_ones: Float32[ndarray, "M P"]) -> Float32[ndarray, "M R K"]:
        """Return the logits of other examples."""
        flat = features_and_ones @ self.weights.reshape(len(self.weights), -1)
        logits: ndarray = flat.reshape(len(features_and_ones), *self.weights.shape[1:])
        return logits

    def layer(self, number: int) -> LinearClassifier:
        """Return a copy of one layer."""
        weights = self.weights[:, number].copy()
        return LinearClassifier(weights[:-1], weights[-1])


def softmax(logits: Float32[ndarray, "*B K"]) -> Float32[ndarray, "*B K"]:
    """Return exp(l) / Σ exp(l) over the last axis, in the place of the logits."""
    logits -= logits.max(-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(-1, keepdims=True)
    return logits


def with_ones(features: Float32[ndarray, "N D"]) -> Float32[ndarray, "N P"]:
    """Return features with a column of ones, for the bias."""
    ones: ndarray = np.ones((len(features), 1), np.float32)
    return np.concatenate([features, ones], axis=1)


def one_hot(labels: Int64[ndarray, " N"], num_classes: int) -> Float32[ndarray, "N K"]:
    """Return labels as distributions."""
    rows: ndarray = np.eye(num_classes, dtype=np.float32)[labels]
    return rows
