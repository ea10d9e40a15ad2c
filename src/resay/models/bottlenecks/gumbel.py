"""Coins made soft by Gumbel noise (Jang et al. 2017): between 0 and 1, and differentiable."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from resay.models.bottlenecks.bernoulli import CoinBottleneck

CLOSEST_TO_CERTAIN = 1e-6
"""Uniform noise is kept so far away from 0 and 1, where its logit is infinite."""


class GumbelBottleneck(CoinBottleneck):
    """z = softmax(logits + g) of two classes, of which the first is kept, at temperature 1.

    With two classes, g − g' of two Gumbel variables is logistic, so that z = sigmoid(l + log ξ − log(1 − ξ)) with
    ξ ~ U(0, 1). The decoder has seen soft bits alone, and gets the probabilities.
    """

    decoded: ClassVar[str] = "probabilities"

    def draw(self, logits: Float[Tensor, "B Z"], noise: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
        """Return soft bits."""
        return torch.sigmoid(logits + torch.logit(noise, eps=CLOSEST_TO_CERTAIN))
