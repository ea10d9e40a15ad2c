"""What is learned on top of sentence vectors, and from what: one linear layer, from features with labels."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray


class LabelledFeatures(NamedTuple):
    """N examples as a classifier sees them; labels count from 0."""

    features: Float32[ndarray, "N D"]
    labels: Int64[ndarray, " N"]

    def take(self, places: Int64[ndarray, " M"]) -> "LabelledFeatures":
        """Return some of the examples."""
        return LabelledFeatures(self.features[places], self.labels[places])

    @property
    def num_classes(self) -> int:
        """Return how many labels there are; the highest one is among the examples."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """label = argmax_k (x · w_k + b_k).

    Attributes:
        weights: w.
        bias: b.
    """

    weights: Float32[ndarray, "D K"]
    bias: Float32[ndarray, " K"]

    def logits(self, features: Float32[ndarray, "N D"]) -> Float32[ndarray, "N K"]:
        """Return x · w_k + b_k."""
        logits: ndarray = features @ self.weights + self.bias
        return logits

    def predict(self, features: Float32[ndarray, "N D"]) -> Int64[ndarray, " N"]:
        """Return the label of each example."""
        labels: ndarray = self.logits(features).argmax(1)
        return labels

    def accuracy(self, examples: LabelledFeatures) -> float:
        """Return the share of examples whose label is predicted, in percent."""
        return 100 * float(np.mean(self.predict(examples.features) == examples.labels))
