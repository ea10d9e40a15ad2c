"""The forms in which a loss can be computed, ours and others', and what each one needs."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from loss_case import LossCase
from loss_inputs import Inputs, make_loss
from published_losses import published_form
from torch import Tensor
from torch.nn import LinearCrossEntropyOptions
from torch.nn import functional as F

Forward = Callable[[], Tensor]
REFERENCE = "fused-ce"


def published(case: LossCase, inputs: Inputs) -> Forward:
    """Dense logits and a gathered V×V table."""
    loss = published_form(make_loss(case, case.loss), case)
    return lambda: loss(F.linear(inputs.hidden, inputs.weight, inputs.bias), inputs.targets)


def drop_in(case: LossCase, inputs: Inputs) -> Forward:
    """Dense logits and resay's loss of them."""
    loss = make_loss(case, case.loss)
    return lambda: loss(F.linear(inputs.hidden, inputs.weight, inputs.bias), inputs.targets)


def fused(case: LossCase, inputs: Inputs) -> Forward:
    """Output layer and loss in one, resay's."""
    loss = make_loss(case, case.loss)
    return lambda: loss.fused(inputs.hidden, inputs.weight, inputs.bias, inputs.targets)


def fused_cross_entropy(case: LossCase, inputs: Inputs) -> Forward:
    """Plain cross-entropy through resay's fused door: what every ratio is taken to."""
    loss = make_loss(case, "ce")
    return lambda: loss.fused(inputs.hidden, inputs.weight, inputs.bias, inputs.targets)


def torch_dense(case: LossCase, inputs: Inputs) -> Forward:
    """Dense logits and torch's cross-entropy."""
    return lambda: F.cross_entropy(F.linear(inputs.hidden, inputs.weight, inputs.bias), inputs.targets)


def torch_fused(case: LossCase, inputs: Inputs) -> Forward:
    """Chunked cross-entropy of torch itself; its default chunks are several times slower than dense on a CPU."""
    options = LinearCrossEntropyOptions(batch_chunk_size=128, chunking_method=None)
    if case.device == "cuda":
        options = LinearCrossEntropyOptions()
    return lambda: F.linear_cross_entropy(
        inputs.hidden, inputs.weight, inputs.targets, linear_bias=inputs.bias, options=options
    )


def liger(case: LossCase, inputs: Inputs) -> Forward:
    """Liger's fused cross-entropy, a Triton kernel."""
    from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss

    loss = LigerFusedLinearCrossEntropyLoss()
    return lambda: loss(inputs.weight, inputs.hidden, inputs.targets, inputs.bias)


def apple(case: LossCase, inputs: Inputs) -> Forward:
    """Apple's cut cross-entropy, a Triton kernel."""
    from cut_cross_entropy import linear_cross_entropy

    return lambda: linear_cross_entropy(inputs.hidden, inputs.weight, inputs.targets, bias=inputs.bias)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to compute a loss.

    Attributes:
        prepare: Makes tables and returns the forward pass.
        logit_copies: Matrices [T, V] in float32 that it holds at once.
        table: Whether it holds a table of all pairs of words.
        package: Package that it comes from, used on CUDA only; None: always there.
    """

    prepare: Callable[[LossCase, Inputs], Forward]
    logit_copies: int = 0
    table: bool = False
    package: str | None = None

    def needed_gb(self, case: LossCase) -> float:
        """Return the memory of its large matrices."""
        table = case.vocab_size**2 if self.table else 0
        return 4e-9 * (table + self.logit_copies * case.num_tokens * case.vocab_size)

    def available(self, device: str) -> bool:
        """Return whether it can run on a device here."""
        return self.package is None or (device == "cuda" and importlib.util.find_spec(self.package) is not None)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "published": Form(published, logit_copies=5, table=True),
        "drop-in": Form(drop_in, logit_copies=2),
        "fused": Form(fused),
        REFERENCE: Form(fused_cross_entropy),
        "torch-dense": Form(torch_dense, logit_copies=3),
        "torch-fused": Form(torch_fused),
        "liger": Form(liger, package="liger_kernel"),
        "apple": Form(apple, package="cut_cross_entropy"),
    }
)


def forms_of(loss: str) -> tuple[str, ...]:
    """Return the forms that a loss has; the reference is the last of those of a similarity loss."""
    if loss == "ce":
        return ("torch-dense", "torch-fused", "liger", "apple", "drop-in", "fused")
    # Rows of (1 + s) / 2 with eps = 0 never were published.
    return ("drop-in", "fused", REFERENCE) if loss.endswith("-affine") else ("published", "drop-in", "fused", REFERENCE)


def step(forward: Forward, inputs: Inputs) -> Callable[[], None]:
    """Return a forward and a backward pass, after which no gradient is kept."""

    def run() -> None:
        forward().backward()
        for leaf in (inputs.hidden, inputs.weight, inputs.bias):
            leaf.grad = None

    return run
