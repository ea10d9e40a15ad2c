"""Logistic regression to its optimum, for many subsets of one set of examples and many regularisations at once.

SentEval's other configuration ("usepytorch": False) is scikit-learn's logistic regression:

    min over w, b of  C Σ_i −log softmax(x_i · w + b)_{y_i} + ½ ‖w‖²        (the bias is not regularised)

A k-fold search solves this for folds × values of C on nearly the same examples. Here all of them go through one
L-BFGS side by side, so that a step is two large matrix products rather than hundreds of small ones. What makes the
steps few is where it starts from: features are centred and turned into their principal axes, in which Böhning's bound
(1992) on the curvature, cΛ + λ with Λ the variances, is diagonal and the same for all folds.

Two classes have one logit (c = ¼), as in scikit-learn; K > 2 have K (c = ½).

Axes: N examples, D features, K logits, M problems, P = D + 1 with the bias, S remembered steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray

from resay.evaluation.transfer.descent import one_hot
from resay.evaluation.transfer.linear import LinearClassifier

NUM_REMEMBERED = 10
MAX_STEPS = 100
TOLERANCE = 1e-7
"""A problem is solved when a further step would lower its mean loss by fewer nats than this, to first order."""
SUFFICIENT_SHARE = 1e-4
MAX_HALVINGS = 20


@dataclass(frozen=True, slots=True)
class PrincipalAxes:
    """Features centred and turned, with a column of ones.

    Attributes:
        features: (x − mean) Q, 1.
        variances: Along each axis; 1 for the ones.
        mean: Of the features.
        axes: Q.
    """

    features: Float32[ndarray, "N P"]
    variances: Float32[ndarray, " P"]
    mean: Float32[ndarray, " D"]
    axes: Float32[ndarray, "D D"]

    @classmethod
    def of(cls, features: Float32[ndarray, "N D"]) -> "PrincipalAxes":
        """Find the axes of features."""
        mean = features.mean(0, dtype=np.float64).astype(np.float32)
        turned = np.ones((len(features), features.shape[1] + 1), np.float32)
        centred = features - mean
        variances, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64) / len(features))
        axes = axes.astype(np.float32)
        np.matmul(centred, axes, out=turned[:, :-1])
        return cls(turned, np.append(np.maximum(variances, 0), 1).astype(np.float32), mean, axes)

    def classifier(self, weights: Float32[ndarray, "P K"]) -> LinearClassifier:
        """Return a solution for features as they were; one logit becomes two, ∓ half of it."""
        back = self.axes @ weights[:-1]
        bias = weights[-1] - self.mean @ back
        if back.shape[1] == 1:
            back, bias = np.hstack([-back, back]) / 2, np.hstack([-bias, bias]) / 2
        return LinearClassifier(back.astype(np.float32), bias.astype(np.float32))


def fit_logistic(
    axes: PrincipalAxes,
    labels: Int64[ndarray, " N"],
    subsets: Bool[ndarray, "N M"],
    inverse_penalties: Sequence[float],
    num_classes: int,
) -> list[list[LinearClassifier]]:
    """Solve M problems for each C in turn, each time starting from where the last C led.

    Args:
        axes: Of the features.
        labels: From 0.
        subsets: Which examples are in a problem.
        inverse_penalties: C, ascending: from the easiest to the hardest.
        num_classes: Labels there are.

    Returns:
        For each C, the classifiers of the M problems.
    """
    targets = one_hot(labels, num_classes) if num_classes > 2 else labels[:, None].astype(np.float32)
    weights = np.zeros((axes.features.shape[1], subsets.shape[1], targets.shape[1]), np.float32)
    found = []
    for inverse_penalty in inverse_penalties:
        weights = _Problems(axes, targets, subsets, inverse_penalty).solve(weights)
        found.append([axes.classifier(weights[:, number]) for number in range(subsets.shape[1])])
    return found


@dataclass
class _Memory:
    """The last steps and how the gradient changed along them; the two-loop recursion of L-BFGS."""

    steps: list[ndarray] = field(default_factory=list)
    changes: list[ndarray] = field(default_factory=list)

    def add(self, step: ndarray, change: ndarray) -> None:
        """Remember a step; one along which the curvature is not positive is replaced by one that changes nothing."""
        curved = _dot(step, change) > 1e-10 * np.sqrt(_dot(step, step) * _dot(change, change))
        self.steps = [*self.steps, np.where(curved, step, 0)][-NUM_REMEMBERED:]
        self.changes = [*self.changes, np.where(curved, change, 0)][-NUM_REMEMBERED:]

    def direction(self, gradient: ndarray, inverse_curvature: ndarray) -> ndarray:
        """Return −H g, H grown from a diagonal one."""
        pairs = [
            (step, change, 1 / np.where(product > 0, product, np.inf))
            for step, change in zip(self.steps, self.changes, strict=True)
            for product in [_dot(step, change)]
        ]
        found, shares = -gradient, []
        for step, change, scale in reversed(pairs):
            shares.append(scale * _dot(step, found))
            found = found - shares[-1] * change
        found = found * inverse_curvature
        for (step, change, scale), share in zip(pairs, reversed(shares), strict=True):
            found = found + step * (share - scale * _dot(change, found))
        direction: ndarray = found
        return direction


class _Problems:
    """Losses and gradients of M problems; every array of weights is [P, M, K]."""

    def __init__(
        self,
        axes: PrincipalAxes,
        targets: Float32[ndarray, "N K"],
        subsets: Bool[ndarray, "N M"],
        inverse_penalty: float,
    ) -> None:
        num_examples = subsets.sum(0)
        self.features = axes.features
        self.shares = (subsets / num_examples).astype(np.float32)[:, :, None]
        self.targets = targets[:, None, :]
        penalties = (1 / (inverse_penalty * num_examples)).astype(np.float32)
        self.penalties = np.repeat(penalties[None, :, None], len(axes.variances), axis=0)
        self.penalties[-1] = 0
        bound = np.float32(0.25 if targets.shape[1] == 1 else 0.5)
        self.inverse_curvature = 1 / (bound * axes.variances[:, None, None] + self.penalties + np.float32(1e-12))

    def solve(self, weights: Float32[ndarray, "P M K"]) -> Float32[ndarray, "P M K"]:
        """Return the weights of all problems, sought from given ones."""
        logits = self.products(weights)
        loss, slope = self.loss(logits, weights), self.gradient(logits, weights)
        memory = _Memory()
        for _ in range(MAX_STEPS):
            direction = memory.direction(slope, self.inverse_curvature)
            descent = -_dot(slope, direction)
            running = descent > TOLERANCE
            if not running.any():
                break
            direction *= running
            change = self.products(direction)
            size = np.ones_like(descent)
            for _ in range(MAX_HALVINGS):
                moved = weights + size * direction
                new_loss = self.loss(logits + size * change, moved)
                too_far = running & (new_loss > loss - SUFFICIENT_SHARE * size * descent + 1e-7)
                if not too_far.any():
                    break
                size = np.where(too_far, size / 2, size)
            logits += size * change
            new_slope = self.gradient(logits, moved)
            memory.add(moved - weights, new_slope - slope)
            weights, slope, loss = moved, new_slope, new_loss
        return weights

    def products(self, weights: Float32[ndarray, "P M K"]) -> Float32[ndarray, "N M K"]:
        """Return x · w of every example for every problem."""
        flat = self.features @ weights.reshape(len(weights), -1)
        products: ndarray = flat.reshape(len(flat), *weights.shape[1:])
        return products

    def loss(self, logits: Float32[ndarray, "N M K"], weights: Float32[ndarray, "P M K"]) -> Float64[ndarray, "1 M 1"]:
        """Return mean −log p(label) + λ/2 ‖w‖², in nats."""
        if logits.shape[2] == 1:
            losses = np.maximum(logits, 0) - logits * self.targets + np.log(1 + np.exp(-np.abs(logits)))
        else:
            highest = logits.max(2, keepdims=True)
            sums = np.exp(logits - highest).sum(2, keepdims=True)
            losses = np.log(sums) + highest - (logits * self.targets).sum(2, keepdims=True)
        mean = np.einsum("nmk,nmk->m", losses, self.shares, dtype=np.float64)
        penalty = 0.5 * np.einsum("pmk,pmk->m", self.penalties, weights**2, dtype=np.float64)
        total: ndarray = (mean + penalty)[None, :, None]
        return total

    def gradient(
        self, logits: Float32[ndarray, "N M K"], weights: Float32[ndarray, "P M K"]
    ) -> Float32[ndarray, "P M K"]:
        """Return the gradient of `loss`."""
        if logits.shape[2] == 1:
            probabilities = 0.5 + 0.5 * np.tanh(0.5 * logits)  # as 1 / (1 + exp(-l)), but cannot overflow
        else:
            probabilities = np.exp(logits - logits.max(2, keepdims=True))
            probabilities /= probabilities.sum(2, keepdims=True)
        errors = (probabilities - self.targets) * self.shares
        flat = self.features.T @ errors.reshape(len(errors), -1)
        gradient: ndarray = flat.reshape(weights.shape) + self.penalties * weights
        return gradient


def _dot(first: ndarray, second: ndarray) -> ndarray:
    product: ndarray = np.einsum("pmk,pmk->m", first, second)[None, :, None]
    return product
