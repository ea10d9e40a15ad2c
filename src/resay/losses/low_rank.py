"""The part of the weighted cross-entropy that needs no chunk: similarities that are products of rows.

With s_yi = L_y · F_i + self_y [i = y], f = Σ_i F_i and S = L_y · f + self_y, equation 3 splits into

    loss = −Σ_i s_yi log p_i = S (lse(z) − z_y)  +  Σ_i (L_y · F_i) (z_y − z_i)

The first term is the chunks'. The second is here: with logits linear in the hidden state, Σ_i F_i z_i is
``M h + β``, where M = Fᵀ·weight [D, H] and β = Fᵀ·bias, so it costs 4·V·D·H however many tokens there are.
M and β are taken of weight less its mean row and bias less its median: logits that are large only by a common
constant cancel in the loss, and would leave nothing but their rounding. (The median, since a few words may be
masked by a bias such as −1e9.)

Axes: T tokens, V vocabulary, D columns of the factor, H hidden.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from resay.losses import devices
from resay.losses.chunks import Scratch, Work
from resay.losses.function_context import Gradients

BLOCK_ROWS = 4096
LARGEST_BIAS = 1e4


@dataclass(frozen=True, slots=True)
class LowRank:
    """The closed form, for one table of similarities.

    Attributes:
        factor: F [V, D].
        row_scale: L_y = row_scale_y · F_y, [V].
        self_weight: self_y, [V].
        row_sums: S_y, [V].
    """

    factor: Tensor
    row_scale: Tensor
    self_weight: Tensor
    row_sums: Tensor

    def serves(self, hidden: Float[Tensor, "T H"], bias: Float[Tensor, " V"] | None) -> bool:
        """Return whether the closed form is the cheaper, and as precise as rows of similarities.

        It takes 4·V·D·H operations however many tokens there are, a row of similarities 2·V·D. A word masked by
        a huge bias it can cancel only to the rounding of that bias (looked for on a CPU only, where looking does
        not make the host wait; elsewhere such words should have no vector, whose share is exactly 0).
        """
        num_tokens, hidden_size = hidden.shape
        if num_tokens < 2 * hidden_size:
            return False
        if bias is None or devices.runs_behind(bias.device):
            return True
        return bool(bias.detach().abs().amax() < LARGEST_BIAS)

    def terms(
        self,
        logits: Float[Tensor, "C V"],
        targets: Int[Tensor, " C"],
        token_weights: Float[Tensor, " C"] | None,
        scratch: Scratch,
    ) -> Float[Tensor, " C"]:
        """The first term, S (lse(z) − z_y), and of the gradient S p_i − self_y [i = y]; see ``terms``."""
        index = targets.unsqueeze(1)
        mass = self.row_sums[targets].to(logits.dtype)
        logits.sub_(logits.amax(-1, keepdim=True))
        picked = logits.gather(1, index).squeeze(1)
        sums = logits.exp_().sum(-1)
        if token_weights is not None:
            logits.mul_((token_weights * mass / sums).unsqueeze(1))
            own = self.self_weight[targets].to(logits.dtype)
            logits.scatter_add_(1, index, (own * -token_weights).unsqueeze(1))
        return mass * (sums.log() - picked)

    def add(
        self,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        work: Work,
        token_weights: Tensor | None,
        losses: Tensor,
        gradients: Gradients,
    ) -> None:
        """Add the second term to the losses of the visited tokens, and its share to the gradients.

        Args:
            hidden: [T, H].
            weight: [V, H].
            bias: [V], less its median, as the chunks had it.
            work: Targets and order.
            token_weights: [T], or ``None`` when no gradient is wanted.
            losses: [T], added to.
            gradients: Those that are there are added to.
        """
        index = torch.arange(len(hidden), device=hidden.device) if work.order is None else work.order
        targets = work.targets[index]
        hidden = hidden[index].to(work.dtype)
        factor = self.factor.to(work.dtype)
        rows = factor[targets] * self.row_scale[targets].to(work.dtype).unsqueeze(1)
        total = factor.sum(0)
        mean_row = weight.mean(0, dtype=work.dtype)
        centred = self._project(factor, weight, mean_row)
        values = hidden @ centred.t()
        own = torch.linalg.vecdot(hidden, weight[targets].to(work.dtype) - mean_row)
        if bias is not None:
            values += bias @ factor
            own += bias[targets]
        losses.index_add_(0, index, (rows @ total) * own - torch.linalg.vecdot(rows, values))
        if token_weights is None:
            return
        rows *= token_weights[index].unsqueeze(1)
        if gradients.hidden is not None:
            gradients.hidden.index_add_(0, index, rows @ torch.addr(centred, total, mean_row), alpha=-1)
        if gradients.weight is not None:
            gradients.weight.addmm_(factor, rows.t() @ hidden, alpha=-1)
        if gradients.bias is not None:
            gradients.bias.addmv_(factor, rows.sum(0), alpha=-1)

    @staticmethod
    def _project(factor: Tensor, weight: Tensor, mean_row: Tensor) -> Tensor:
        """Return Fᵀ·(weight − mean row) [D, H] without a second weight matrix."""
        projected = factor.new_zeros(factor.shape[1], weight.shape[1])
        for start in range(0, len(weight), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            projected.addmm_(factor[rows].t(), weight[rows].to(factor.dtype) - mean_row)
        return projected
