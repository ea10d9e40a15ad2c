"""The fused door's kernel: output layer and loss in one, a chunk of tokens at a time.

A chunk's logits are made, turned into their own gradient, used and overwritten by the next chunk's: no more
than one chunk of logits is ever held. Gradients are computed in the forward pass, where the logits are at hand,
and only those that autograd will ask for; what waits for the backward pass is as large as the gradients.

Axes: T tokens (flattened), V vocabulary, H hidden.
"""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from resay.losses.chunks import Chunk, Work
from resay.losses.function_context import Context, Gradients, Wanted, scale_
from resay.losses.low_rank import LowRank
from resay.losses.products import onednn_linear, prefers_onednn

NOTHING = Wanted(hidden=False, weight=False, bias=False)


def run_output_layer(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    work: Work,
    token_weights: Tensor | None,
    wanted: Wanted,
    low_rank: LowRank | None,
) -> tuple[Tensor, Gradients]:
    """Return the loss of each token [T] and the gradients of ``Σ token_weights · loss``."""
    losses = torch.zeros(len(hidden), dtype=work.dtype, device=hidden.device)
    with torch.autocast(hidden.device.type, enabled=False):
        hidden = hidden.to(work.product_dtype)
        if work.ignored is not None:
            hidden = hidden.masked_fill(work.ignored.unsqueeze(1), 0)
        weight = weight.to(work.product_dtype)
        bias = None if bias is None else bias.to(work.dtype)
        if low_rank is not None and bias is not None:  # a constant changes nothing but what rounding leaves
            bias = bias - bias.median()
        scratch = work.scratch(len(weight))
        onednn = prefers_onednn(hidden, weight, scratch.rows)
        gradients = _zeros(hidden, weight, work, wanted, weight_turned=onednn)
        for chunk in work.chunks(scratch.rows):
            rows = chunk.of(hidden)
            if onednn:
                logits = onednn_linear(rows, weight, bias)
            else:
                logits = scratch.matrix("logits", len(chunk))
                _write_logits(rows, weight, bias, out=logits)
            weights = chunk.of(token_weights) if token_weights is not None and wanted else None
            chunk.put(losses, work.terms(logits, chunk.of(work.targets), weights, scratch))
            if wanted:
                _add_gradients(chunk, logits, rows, weight, gradients, onednn=onednn)
        if onednn and gradients.weight is not None:
            gradients.weight = gradients.weight.t().contiguous()
        if low_rank is not None:
            low_rank.add(hidden, weight, bias, work, token_weights, losses, gradients)
    return losses, gradients


def _zeros(hidden: Tensor, weight: Tensor, work: Work, wanted: Wanted, *, weight_turned: bool) -> Gradients:
    """Return empty gradients; the weight's as [H, V] where it is summed up that way round."""
    gradients = Gradients()
    if wanted.hidden:
        make = torch.empty if work.visits_all else torch.zeros
        gradients.hidden = make(hidden.shape, dtype=work.dtype, device=hidden.device)
    if wanted.weight:
        shape = weight.shape[::-1] if weight_turned else weight.shape
        gradients.weight = torch.zeros(shape, dtype=work.dtype, device=weight.device)
    if wanted.bias:
        gradients.bias = torch.zeros(len(weight), dtype=work.dtype, device=weight.device)
    return gradients


def _write_logits(hidden: Tensor, weight: Tensor, bias: Tensor | None, *, out: Tensor) -> None:
    """Write ``hidden · weightᵀ + bias``."""
    if hidden.dtype != out.dtype:
        out.copy_(_product(hidden, weight.t(), out.dtype))
        if bias is not None:
            out.add_(bias)
    elif bias is None:
        torch.mm(hidden, weight.t(), out=out)
    else:
        torch.addmm(bias, hidden, weight.t(), out=out)


def _product(left: Tensor, right: Tensor, dtype: torch.dtype) -> Tensor:
    """Return ``left · right``; CUDA gives the fp32 sums themselves, a CPU rounds them."""
    if left.is_cuda and dtype == torch.float32 and left.dtype != dtype:
        return torch.mm(left, right, out_dtype=dtype)
    return torch.mm(left, right)


def _add_gradients(
    chunk: Chunk, logit_gradients: Tensor, hidden: Tensor, weight: Tensor, gradients: Gradients, *, onednn: bool
) -> None:
    """Add one chunk's share to every gradient that is wanted."""
    if gradients.bias is not None:
        gradients.bias.add_(logit_gradients.sum(0))
    if onednn:
        if gradients.hidden is not None:
            chunk.put(gradients.hidden, onednn_linear(logit_gradients, weight.t()))
        if gradients.weight is not None:
            gradients.weight.add_(onednn_linear(hidden.t(), logit_gradients.t()))
        return
    factors = logit_gradients.to(weight.dtype)
    if gradients.hidden is not None:
        chunk.put(gradients.hidden, _product(factors, weight, logit_gradients.dtype))
    if gradients.weight is not None:
        if factors.dtype == gradients.weight.dtype:
            gradients.weight.addmm_(factors.t(), hidden)
        else:
            gradients.weight.add_(_product(factors.t(), hidden, gradients.weight.dtype))


class OutputLayerLoss(torch.autograd.Function):
    """Output layer and loss in one. Returns Σ token_weights · loss, or each token's loss without weights."""

    @staticmethod
    def forward(
        ctx: Context,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        token_weights: Tensor | None,
        work: Work,
        wanted: Wanted,
        low_rank: LowRank | None,
    ) -> Tensor:
        """Compute the loss, and its gradients now if the loss is a scalar and they are wanted."""
        now = NOTHING if token_weights is None else wanted
        losses, gradients = run_output_layer(hidden, weight, bias, work, token_weights, now, low_rank)
        if wanted:
            ctx.save_for_backward(hidden, weight, bias, token_weights)
            ctx.work = (work, wanted, low_rank)
            ctx.gradients = gradients if now else None
        return losses if token_weights is None else work.total(losses, token_weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Scale the gradients that forward left; without them (backward twice, no reduction) compute them."""
        hidden, weight, bias, token_weights = ctx.saved_tensors
        gradients, ctx.gradients = ctx.gradients, None
        if gradients is None:
            work, wanted, low_rank = ctx.work
            weights = grad_output if token_weights is None else token_weights * grad_output
            _, gradients = run_output_layer(hidden, weight, bias, work, weights, wanted, low_rank)
        else:
            for gradient in (gradients.hidden, gradients.weight, gradients.bias):
                scale_(gradient, grad_output)
        return (
            _like(gradients.hidden, hidden),
            _like(gradients.weight, weight),
            _like(gradients.bias, bias),
            *(None,) * 4,
        )


def _like(gradient: Tensor | None, tensor: Tensor | None) -> Tensor | None:
    """Return a gradient in the type of its tensor."""
    return None if gradient is None or tensor is None else gradient.to(tensor.dtype)
