"""Hidden states, output layer, targets, word vectors and losses of a case, all from its seed."""

from dataclasses import dataclass, replace

import torch
from loss_case import LOSS_OPTIONS, LossCase
from torch import Tensor

from resay.losses import Loss, SoftLabelLoss, build_loss


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every form of every loss is computed from."""

    hidden: Tensor
    weight: Tensor
    bias: Tensor
    targets: Tensor


def zipf_targets(num_tokens: int, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Return token ids that occur as words do: the r-th in proportion to 1 / (r + 2.7)."""
    frequencies = 1.0 / (torch.arange(vocab_size, dtype=torch.float64) + 2.7)
    cumulative = frequencies.cumsum(0)
    points = torch.rand(num_tokens, generator=generator, dtype=torch.float64) * cumulative[-1]
    return torch.searchsorted(cumulative, points).clamp_max(vocab_size - 1)


def make_inputs(case: LossCase) -> Inputs:
    """Return the inputs, scaled as in a fresh model: hidden states in (−1, 1), weights below 1 / √H."""
    generator = torch.Generator().manual_seed(case.seed)
    dtype, bound = getattr(torch, case.dtype), case.hidden_size**-0.5

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator).mul_(2).sub_(1)

    def leaf(values: Tensor) -> Tensor:
        return values.to(case.device, dtype).requires_grad_()

    targets = zipf_targets(case.num_tokens, case.vocab_size, generator).to(case.device)
    return Inputs(
        leaf(uniform(case.num_tokens, case.hidden_size)),
        leaf(uniform(case.vocab_size, case.hidden_size).mul_(bound)),
        leaf(uniform(case.vocab_size).mul_(bound)),
        targets,
    )


def make_loss(case: LossCase, name: str) -> Loss:
    """Return resay's loss; its word vectors are random directions."""
    key, options = LOSS_OPTIONS[name]
    if key == "ce":
        return build_loss(key)
    generator = torch.Generator().manual_seed(case.seed + 1)
    vectors = torch.randn(case.vocab_size, case.word_vector_size, generator=generator)
    one_neighbour = key == "soft-label" and case.random_tables
    num_neighbours = 1 if one_neighbour else case.num_neighbours
    loss = build_loss(key, vectors, replace(options, num_neighbours=num_neighbours, vocab_size=case.vocab_size))
    if one_neighbour and isinstance(loss, SoftLabelLoss):
        set_random_neighbours(loss, case, generator)
    return loss.to(case.device)


def set_random_neighbours(loss: SoftLabelLoss, case: LossCase, generator: torch.Generator) -> None:
    """Give a soft-label loss a table of the right shape without searching for neighbours."""
    shape = (case.vocab_size, min(case.num_neighbours, case.vocab_size))
    ids = torch.randint(case.vocab_size, shape, generator=generator, dtype=torch.int32)
    ids[:, 0] = torch.arange(case.vocab_size, dtype=torch.int32)
    weights = torch.rand(shape, generator=generator) + 0.1
    loss.neighbour_ids = ids
    loss.neighbour_weights = weights / weights.sum(-1, keepdim=True)
