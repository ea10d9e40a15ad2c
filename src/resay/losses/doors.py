"""The two ways into every loss: ``dense_loss`` from logits, ``fused_loss`` from hidden states.

Both check what they are given, flatten it, leave out ignored tokens, run the chunks and reduce. Under
``torch.compile`` they run as they are, between two graphs: the chunks are of no use to a tracer.

Axes: T tokens (any leading shape, flattened), V vocabulary, H hidden.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch._compile import _disable_dynamo

from resay.losses.checks import check_logits, check_output_layer, check_table, check_targets
from resay.losses.chunks import Terms, Work
from resay.losses.function_context import Wanted, wants_gradient
from resay.losses.given_logits import LogitsLoss
from resay.losses.low_rank import LowRank
from resay.losses.output_layer import OutputLayerLoss
from resay.losses.reduction import Reduction, count_tokens


@dataclass(frozen=True, slots=True)
class Rules:
    """What a loss is, for the doors.

    Attributes:
        terms: Arithmetic of a chunk.
        ignore_index: Target of the tokens that do not count.
        reduction: ``mean``, ``sum`` or ``none``.
        table: Any table of the loss with a row for each word, to be checked against the vocabulary.
        group_by_target: Whether the arithmetic makes one row per distinct target.
        low_rank: A closed form that the fused door may use in place of ``terms``.
    """

    terms: Terms
    ignore_index: int
    reduction: Reduction
    table: Tensor | None = None
    group_by_target: bool = False
    low_rank: LowRank | None = None


def dense_loss(
    logits: Float[Tensor, "*tokens V"], targets: Int[Tensor, "*tokens"], rules: Rules
) -> Float[Tensor, "..."]:
    """Return the loss of given logits; see the loss's ``forward``."""
    run = _dense_untraced if torch.compiler.is_compiling() else _dense
    return run(logits, targets, rules)


def fused_loss(
    hidden: Float[Tensor, "*tokens H"],
    weight: Float[Tensor, "V H"],
    bias: Float[Tensor, " V"] | None,
    targets: Int[Tensor, "*tokens"],
    rules: Rules,
) -> Float[Tensor, "..."]:
    """Return the loss of ``hidden · weightᵀ + bias`` without making it; see the loss's ``fused``."""
    run = _fused_untraced if torch.compiler.is_compiling() else _fused
    return run(hidden, weight, bias, targets, rules)


def _dense(logits: Tensor, targets: Tensor, rules: Rules) -> Tensor:
    check_logits(logits)
    vocab_size = logits.shape[-1]
    check_targets(targets, logits, "logits", vocab_size, rules.ignore_index)
    check_table(rules.table, vocab_size, logits.device)
    dtype = arithmetic_dtype(logits.dtype)
    work, token_weights = _work(targets, rules, dtype, dtype)
    flat = logits.reshape(-1, vocab_size)
    run: Callable[..., Tensor] = LogitsLoss.apply
    loss = run(flat, token_weights, work, wants_gradient(flat))
    return _shaped(loss, work, targets, rules)


def _fused(hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, rules: Rules) -> Tensor:
    check_output_layer(hidden, weight, bias)
    check_targets(targets, hidden, "hidden states", len(weight), rules.ignore_index)
    check_table(rules.table, len(weight), hidden.device)
    product_dtype = matmul_dtype(hidden, weight)
    flat = hidden.reshape(-1, hidden.shape[-1])
    low_rank = rules.low_rank
    if low_rank is not None and low_rank.serves(flat, bias):
        rules = replace(rules, terms=low_rank.terms, group_by_target=False)
    else:
        low_rank = None
    work, token_weights = _work(targets, rules, arithmetic_dtype(product_dtype), product_dtype)
    wanted = Wanted(wants_gradient(hidden), wants_gradient(weight), wants_gradient(bias))
    run: Callable[..., Tensor] = OutputLayerLoss.apply
    loss = run(flat, weight, bias, token_weights, work, wanted, low_rank)
    return _shaped(loss, work, targets, rules)


# torch.compiler.disable would do, but importing what it needs takes longer than everything else here.
_dense_untraced = _disable_dynamo(_dense)
_fused_untraced = _disable_dynamo(_fused)


def arithmetic_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return the type sums are kept in: float64 stays, everything shorter becomes float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def matmul_dtype(hidden: Tensor, weight: Tensor) -> torch.dtype:
    """Return the type matrix products read: autocast's where on (not for float64), else the inputs'.

    Where that would be float16 it is float32: gradients are made in the forward pass, before a ``GradScaler``
    has scaled the loss, and the smaller half of them would vanish.
    """
    device = hidden.device.type
    dtype = torch.promote_types(hidden.dtype, weight.dtype)
    if torch.is_autocast_enabled(device) and dtype != torch.float64:
        dtype = torch.get_autocast_dtype(device)
    return torch.float32 if dtype == torch.float16 else dtype


def _work(targets: Tensor, rules: Rules, dtype: torch.dtype, product_dtype: torch.dtype) -> tuple[Work, Tensor | None]:
    """Return the work to do and the weight of each token, ``None`` where nothing is reduced."""
    tokens = count_tokens(
        targets.reshape(-1),
        ignore_index=rules.ignore_index,
        reduction=rules.reduction,
        dtype=dtype,
        group_by_target=rules.group_by_target,
    )
    work = Work(rules.terms, tokens.targets, tokens.order, tokens.ignored, dtype, product_dtype)
    return work, tokens.weights


def _shaped(loss: Tensor, work: Work, targets: Tensor, rules: Rules) -> Tensor:
    """Give unreduced losses the shape of the targets, and ignored tokens exactly 0."""
    if rules.reduction != "none":
        return loss
    if work.ignored is not None:
        loss = loss.masked_fill(work.ignored, 0)
    return loss.reshape(targets.shape)
