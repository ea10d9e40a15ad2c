"""Which tokens count, and how their losses become one number. Shared by every loss and both doors.

Axes: T tokens (flattened).
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from resay.errors import SettingsError, unknown_name_message
from resay.losses import devices

Reduction = Literal["mean", "sum", "none"]


def check_reduction(reduction: str) -> None:
    """Raise SettingsError unless ``reduction`` is one of the three."""
    if reduction not in get_args(Reduction):
        raise SettingsError(unknown_name_message("reduction", reduction, get_args(Reduction)))


@dataclass(frozen=True, slots=True)
class CountedTokens:
    """The tokens of one call that count.

    On a CPU ignored tokens are left out of ``order`` and cost nothing. Elsewhere finding them would make the
    host wait for the device, so they are visited with weight 0 instead.

    Attributes:
        targets: Target of each token, a valid id everywhere.
        order: Positions to visit; ``None`` for all, in order.
        ignored: Visited tokens that do not count; ``None`` for none.
        weights: Weight of each token in the reduced loss; ``None`` when nothing is reduced.
    """

    targets: Tensor
    order: Tensor | None
    ignored: Tensor | None
    weights: Tensor | None


def count_tokens(
    targets: Int[Tensor, " T"],
    *,
    ignore_index: int,
    reduction: Reduction,
    dtype: torch.dtype,
    group_by_target: bool,
) -> CountedTokens:
    """Leave out the ignored tokens and weigh the rest.

    mean: each counted token weighs 1/M, M their number (none: the loss and its gradients are 0);
    sum: 1; none: no weights.

    Args:
        targets: Flat targets.
        ignore_index: Target of the tokens that do not count.
        reduction: How losses become one number.
        dtype: Type of the weights.
        group_by_target: Visit equal targets one after another, for losses with a row per distinct target.
    """
    ignored: Bool[Tensor, " T"] = targets == ignore_index
    safe = targets.masked_fill(ignored, 0).long()
    order = None
    weights = None
    if reduction != "none":
        weights = (~ignored).to(dtype)
        if reduction == "mean":
            weights /= weights.sum().clamp_min(1)
    if devices.runs_behind(targets.device):
        return CountedTokens(safe, None, ignored, weights)
    if bool(ignored.any()):
        order = torch.nonzero(~ignored).squeeze(1)
    if group_by_target:
        grouped = torch.argsort(safe if order is None else safe[order], stable=True)
        order = grouped if order is None else order[grouped]
    return CountedTokens(safe, order, None, weights)
