"""The drop-in door's kernel: the loss of logits that already are, a chunk of tokens at a time."""

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from resay.losses.chunks import Work
from resay.losses.function_context import Context, scale_


def run_logits(
    logits: Tensor, work: Work, token_weights: Tensor | None, *, wanted: bool
) -> tuple[Tensor, Tensor | None]:
    """Return the loss of each token [T] and the gradient [T, V] of ``Σ token_weights · loss``."""
    num_tokens, vocab_size = logits.shape
    losses = torch.zeros(num_tokens, dtype=work.dtype, device=logits.device)
    gradient = None
    if wanted:
        make = torch.empty_like if work.visits_all else torch.zeros_like
        # float16 has no room for gradients that a GradScaler has not scaled yet.
        gradient = make(logits, dtype=work.dtype if logits.dtype == torch.float16 else None)
    scratch = work.scratch(vocab_size)
    with torch.autocast(logits.device.type, enabled=False):
        for chunk in work.chunks(scratch.rows):
            copy = scratch.matrix("logits", len(chunk)).copy_(chunk.of(logits))
            if work.ignored is not None:
                copy.masked_fill_(chunk.of(work.ignored).unsqueeze(1), 0)
            weights = None if gradient is None or token_weights is None else chunk.of(token_weights)
            chunk.put(losses, work.terms(copy, chunk.of(work.targets), weights, scratch))
            if gradient is not None:
                chunk.put(gradient, copy)
    return losses, gradient


class LogitsLoss(torch.autograd.Function):
    """Loss of given logits. Returns Σ token_weights · loss, or each token's loss without weights."""

    @staticmethod
    def forward(ctx: Context, logits: Tensor, token_weights: Tensor | None, work: Work, wanted: bool) -> Tensor:
        """Compute the loss, and its gradient now if the loss is a scalar and it is wanted."""
        losses, gradient = run_logits(logits, work, token_weights, wanted=wanted and token_weights is not None)
        if wanted:
            ctx.save_for_backward(logits, token_weights)
            ctx.work, ctx.gradients = work, gradient
        return losses if token_weights is None else work.total(losses, token_weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """Scale the gradient that forward left; without it (backward twice, no reduction) compute it."""
        logits, token_weights = ctx.saved_tensors
        gradient, ctx.gradients = ctx.gradients, None
        if gradient is None:
            weights = grad_output if token_weights is None else token_weights * grad_output
            _, gradient = run_logits(logits, ctx.work, weights, wanted=True)
        else:
            scale_(gradient, grad_output)
        return gradient.to(logits.dtype), None, None, None
