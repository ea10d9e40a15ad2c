"""Plain cross-entropy through the same two doors, to compare with the others in value and in cost."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from resay.losses.chunks import Scratch
from resay.losses.doors import Rules, dense_loss, fused_loss
from resay.losses.reduction import Reduction, check_reduction
from resay.losses.terms import sparse_terms


def cross_entropy_terms(
    logits: Float[Tensor, "C V"],
    targets: Int[Tensor, " C"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
) -> Float[Tensor, " C"]:
    """−log p_y of each token; see ``terms`` for what becomes of ``logits``."""
    ones = torch.ones(len(targets), 1, dtype=logits.dtype, device=logits.device)
    return sparse_terms(logits, targets.unsqueeze(1), ones, token_weights)


class CrossEntropyLoss(nn.Module):
    """Cross-entropy against the target word alone.

    loss = −log p_y = lse(z) − z_y        ∂loss/∂z_i = p_i − [i = y]        [nats per token]

    Differs from ``torch.nn.CrossEntropyLoss`` where that gives NaN: with every target ignored the mean is 0
    and all gradients are 0. Half-precision inputs give a float32 loss.

    Args:
        ignore_index: Target of tokens that count for nothing, such as padding.
        reduction: ``mean`` over counted tokens, ``sum``, or ``none`` (0 where ignored).

    Reference: Kovaleva et al. 2018 (EMNLP, D18-1525), the "vanilla" autoencoder of table 1.
    """

    def __init__(self, *, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__()
        check_reduction(reduction)
        self.ignore_index = ignore_index
        self.reduction: Reduction = reduction

    def forward(self, logits: Float[Tensor, "*tokens V"], targets: Int[Tensor, "*tokens"]) -> Float[Tensor, "..."]:
        """Return the loss of logits, vocabulary last."""
        return dense_loss(logits, targets, self._rules())

    def fused(
        self,
        hidden: Float[Tensor, "*tokens H"],
        weight: Float[Tensor, "V H"],
        bias: Float[Tensor, " V"] | None,
        targets: Int[Tensor, "*tokens"],
    ) -> Float[Tensor, "..."]:
        """Return ``forward(hidden · weightᵀ + bias, targets)`` without ever holding those logits."""
        return fused_loss(hidden, weight, bias, targets, self._rules())

    def extra_repr(self) -> str:
        """Return the settings for ``print(loss)``."""
        return f"ignore_index={self.ignore_index}, reduction={self.reduction!r}"

    def _rules(self) -> Rules:
        return Rules(cross_entropy_terms, self.ignore_index, self.reduction)
