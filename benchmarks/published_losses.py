"""The losses as the code of 2018 computed them: from a table of all pairs of words, of which each token gathers a row.

Written afresh from the paper (Kovaleva et al. 2018, equations 2 to 5) and from what distinguishes that code from it:
probabilities are taken as softmax + 1e-5 in all three.
"""

from collections.abc import Callable

import torch
from loss_case import LossCase
from torch import Tensor

from resay.losses import Loss, SoftLabelLoss, WeightedCrossEntropyLoss, WeightedSimilarityLoss

EPS = 1e-5
TILE_ROWS = 64


def published_table(loss: Loss, case: LossCase) -> Tensor:
    """Return the V×V table of a loss: similarities of all pairs, or the soft target of every word."""
    shape = (case.vocab_size, case.vocab_size)
    if case.random_tables:
        table = torch.empty(shape, device=case.device)
        tile = torch.rand(TILE_ROWS, case.vocab_size, device=case.device)
        for start in range(0, case.vocab_size, TILE_ROWS):
            rows = table[start : start + TILE_ROWS]
            rows.copy_(tile[: len(rows)])
        return table
    if isinstance(loss, SoftLabelLoss):
        table = torch.zeros(shape, device=case.device)
        return table.scatter_add_(1, loss.neighbour_ids.long(), loss.neighbour_weights.float())
    if isinstance(loss, WeightedCrossEntropyLoss | WeightedSimilarityLoss):
        words = torch.arange(case.vocab_size, device=case.device)
        return loss.similarity.rows(words, torch.empty(shape, device=case.device))
    raise TypeError(f"{type(loss).__name__} has no published form")


def weighted_log(logits: Tensor, targets: Tensor, table: Tensor) -> Tensor:
    """Return −Σ_i table_yi log(p_i + 1e-5), averaged: soft label and weighted cross-entropy."""
    log_probabilities = torch.log(torch.softmax(logits, dim=-1) + EPS)
    return -(table[targets] * log_probabilities).sum(-1).mean()


def weighted_probability(logits: Tensor, targets: Tensor, table: Tensor) -> Tensor:
    """Return −Σ_i table_yi (p_i + 1e-5), averaged: weighted similarity."""
    return -(table[targets] * (torch.softmax(logits, dim=-1) + EPS)).sum(-1).mean()


def published_form(loss: Loss, case: LossCase) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss as a function of logits and targets, its table made."""
    table = published_table(loss, case)
    formula = weighted_probability if isinstance(loss, WeightedSimilarityLoss) else weighted_log
    return lambda logits, targets: formula(logits, targets, table)
