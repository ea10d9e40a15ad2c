"""What the kernels share as ``torch.autograd.Function``s.

Axes: T tokens (flattened), V vocabulary, H hidden.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from resay.losses import devices

# What torch hands to forward and backward has no type of its own.
Context = Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which gradients of an output layer autograd will ask for."""

    hidden: bool
    weight: bool
    bias: bool

    def __bool__(self) -> bool:
        return self.hidden or self.weight or self.bias


@dataclass(slots=True)
class Gradients:
    """Gradients of an output layer's inputs, each ``None`` unless wanted, in the type of the arithmetic."""

    hidden: Tensor | None = None
    weight: Tensor | None = None
    bias: Tensor | None = None


def wants_gradient(tensor: Tensor | None) -> bool:
    """Return whether autograd will ask for a gradient of this tensor.

    Asked outside of ``forward``: there grad mode is always off, and ``ctx.needs_input_grad`` is true of every
    parameter even under ``torch.no_grad``.
    """
    return tensor is not None and tensor.requires_grad and torch.is_grad_enabled()


def scale_(gradient: Tensor | None, factor: Tensor) -> None:
    """Multiply in place, but not by one where looking costs nothing."""
    if gradient is not None and (devices.runs_behind(factor.device) or float(factor) != 1.0):
        gradient.mul_(factor.to(gradient.dtype))
