"""float32 and shorter: no worse than torch's own dense form by much."""

import copy

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resay.losses import CrossEntropyLoss

VOCAB_SIZE = 300
NUM_TOKENS = 90
HIDDEN_SIZE = 12


def table_of(loss, dtype):
    """Return the V × V table of target weights a loss stands for, from its own buffers."""
    if hasattr(loss, "similarity"):
        out = torch.empty(VOCAB_SIZE, VOCAB_SIZE, dtype=dtype)
        return loss.similarity.rows(torch.arange(VOCAB_SIZE), out)
    if hasattr(loss, "neighbour_ids"):
        table = torch.zeros(VOCAB_SIZE, VOCAB_SIZE, dtype=dtype)
        return table.scatter_add_(1, loss.neighbour_ids.long(), loss.neighbour_weights.to(dtype))
    return torch.eye(VOCAB_SIZE, dtype=dtype)


def dense_results(paper, variant, loss, hidden, weight, bias, targets, dtype):
    """Return losses and gradients of the dense form in one type."""
    leaves = [tensor.detach().to(dtype).requires_grad_() for tensor in (hidden, weight, bias)]
    logits = torch.addmm(leaves[2], leaves[0], leaves[1].t())
    table = table_of(copy.deepcopy(loss).to(dtype), dtype)
    losses = paper.dense(variant.name, logits, table, targets, variant.eps, variant.ce_mix)
    return [losses.detach(), *torch.autograd.grad(losses.mean(), [*leaves, logits])]


def relative_errors(actual, expected):
    return [
        float((ours.detach().double() - theirs).norm() / theirs.norm().clamp_min(1e-30))
        for ours, theirs in zip(actual, expected, strict=True)
    ]


def draw_tensors(seed, scale, offset, positive):
    generator = torch.Generator().manual_seed(seed)
    # Word vectors have a direction in common. Without one a row of similarities may sum to almost nothing, and
    # normalising it blows up the rounding of a single token, in torch's form as in ours, by chance of order.
    vectors = torch.randn(VOCAB_SIZE, 8, generator=generator) + 0.5
    hidden = torch.randn(NUM_TOKENS, HIDDEN_SIZE, generator=generator)
    weight = torch.randn(VOCAB_SIZE, HIDDEN_SIZE, generator=generator) * scale
    bias = torch.randn(VOCAB_SIZE, generator=generator) + offset
    targets = torch.randint(0, VOCAB_SIZE, (NUM_TOKENS,), generator=generator)
    return vectors.abs() if positive else vectors, hidden, weight, bias, targets


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.01, 0.3, 3.0]),
    offset=st.sampled_from([0.0, 100.0, -50.0]),
)
def test_float32_errs_at_most_twice_as_much_as_torch(paper, small_chunks, variant, seed, scale, offset):
    vectors, hidden, weight, bias, targets = draw_tensors(seed, scale, offset, variant.positive)
    loss = variant.build(vectors)
    arguments = (paper, variant, loss, hidden, weight, bias, targets)
    truth = dense_results(*arguments, torch.float64)
    theirs = relative_errors(dense_results(*arguments, torch.float32), truth)

    leaves = [tensor.requires_grad_() for tensor in (hidden, weight, bias)]
    each = copy.copy(loss)
    each.reduction = "none"
    fused = [each.fused(*leaves, targets), *torch.autograd.grad(loss.fused(*leaves, targets), leaves)]
    for ours, bound in zip(relative_errors(fused, truth[:4]), theirs, strict=False):
        assert ours <= 2 * bound + 2.0**-22

    logits = torch.addmm(bias, hidden, weight.t()).detach().requires_grad_()
    dropped_in = [each(logits, targets), *torch.autograd.grad(loss(logits, targets), [logits])]
    for ours, bound in zip(relative_errors(dropped_in, [truth[0], truth[4]]), [theirs[0], theirs[4]], strict=True):
        assert ours <= 2 * bound + 2.0**-22


def test_bfloat16_is_summed_in_float32(paper, small_chunks, variant):
    vectors, hidden, weight, bias, targets = draw_tensors(3, 0.3, 0.0, variant.positive)
    loss = variant.build(vectors)
    short = [tensor.bfloat16().requires_grad_() for tensor in (hidden, weight, bias)]
    truth = dense_results(paper, variant, loss, *short, targets, torch.float64)
    fused = loss.fused(*short, targets)
    assert fused.dtype == torch.float32
    gradients = torch.autograd.grad(fused, short)
    assert [gradient.dtype for gradient in gradients] == [torch.bfloat16] * 3
    errors = relative_errors([fused, *gradients], [truth[0].mean(), *truth[1:4]])
    assert max(errors) < 0.02

    logits = torch.addmm(*short[2:], short[0], short[1].t()).detach().requires_grad_()
    dropped_in = loss(logits, targets)
    assert dropped_in.dtype == torch.float32
    (gradient,) = torch.autograd.grad(dropped_in, [logits])
    assert gradient.dtype == torch.bfloat16


@pytest.mark.parametrize("hidden_dtype", [torch.float32, torch.bfloat16])
def test_autocast_rounds_the_factors_of_products_only(paper, variant, hidden_dtype):
    vectors, hidden, weight, bias, targets = draw_tensors(4, 0.3, 0.0, variant.positive)
    loss = variant.build(vectors)
    leaves = [hidden.to(hidden_dtype).requires_grad_(), weight.requires_grad_(), bias.requires_grad_()]
    with torch.autocast("cpu", torch.bfloat16):
        fused = loss.fused(*leaves, targets)
        dropped_in = loss(torch.nn.functional.linear(*leaves), targets)
    assert fused.dtype == dropped_in.dtype == torch.float32
    torch.testing.assert_close(fused, dropped_in, rtol=0.01, atol=0.01)
    gradients = torch.autograd.grad(fused, leaves)
    assert [gradient.dtype for gradient in gradients] == [hidden_dtype, torch.float32, torch.float32]
    truth = dense_results(paper, variant, loss, *leaves, targets, torch.float64)
    assert max(relative_errors(gradients, truth[1:4])) < 0.02


def test_float16_loses_no_small_gradient(variant):
    vectors, hidden, weight, bias, targets = draw_tensors(5, 0.01, 0.0, variant.positive)
    loss = variant.build(vectors)
    leaves = [tensor.requires_grad_() for tensor in (hidden, weight, bias)]
    plain = torch.autograd.grad(loss.fused(*leaves, targets) * 1e-6, leaves)
    with torch.autocast("cpu", torch.float16):
        scaled = loss.fused(*leaves, targets) * 1e-6
    for ours, theirs in zip(torch.autograd.grad(scaled, leaves), plain, strict=True):
        assert torch.equal(ours, theirs)
    # A loss scale of 2^16, as GradScaler has it, brings gradients below float16's 6e-8 into its range.
    logits = torch.zeros(NUM_TOKENS * 40, VOCAB_SIZE, dtype=torch.float16, requires_grad=True)
    value = loss(logits, targets.repeat(40)) * 2.0**16
    (gradient,) = torch.autograd.grad(value, [logits])
    expected = torch.zeros_like(logits, dtype=torch.float32).requires_grad_()
    (exact,) = torch.autograd.grad(loss(expected, targets.repeat(40)) * 2.0**16, [expected])
    torch.testing.assert_close(gradient.float(), exact, rtol=2e-3, atol=1e-6)


def test_autocast_leaves_float64_alone():
    vectors = torch.randn(20, 4, dtype=torch.float64)
    with torch.autocast("cpu", torch.bfloat16):
        loss = CrossEntropyLoss().fused(vectors, vectors, None, torch.arange(20))
    assert loss.dtype == torch.float64
    expected = torch.nn.functional.cross_entropy(vectors @ vectors.t(), torch.arange(20))
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=0)
