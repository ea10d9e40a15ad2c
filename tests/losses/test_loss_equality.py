"""Both doors against the paper: loss and every gradient, for every option, on ordinary and on nasty inputs."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resay.losses import devices


@dataclass
class Inputs:
    vectors: np.ndarray
    no_vector: list[int]
    stops: list[int]
    hidden: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None
    targets: torch.Tensor
    reduction: str
    behind: bool = False


@st.composite
def inputs(draw, positive: bool) -> Inputs:
    """Sizes from nothing to many, vectors with twins and zeros, logits from flat to one-hot, targets ignored."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    vocab_size = draw(st.integers(1, 24))
    num_tokens = draw(st.integers(0, 40))
    hidden_size = draw(st.integers(1, 5))
    vectors = rng.normal(size=(vocab_size, draw(st.integers(1, 6)))).astype(np.float32)
    if positive:
        vectors = np.abs(vectors)
    vectors *= np.float32(draw(st.sampled_from([1.0, 1e-20, 1e15])))
    if draw(st.booleans()):
        vectors[rng.integers(vocab_size)] = 0
    if draw(st.booleans()):
        vectors[rng.integers(vocab_size)] = vectors[rng.integers(vocab_size)]
    few = st.lists(st.integers(0, vocab_size - 1), max_size=3, unique=True)
    weight = rng.normal(size=(vocab_size, hidden_size)) * draw(st.sampled_from([0.0, 0.1, 1.0, 30.0]))
    bias = rng.normal(size=vocab_size) + draw(st.sampled_from([0.0, 100.0, -1000.0]))
    behind = draw(st.booleans())
    no_vector = draw(few)
    if draw(st.booleans()):
        masked = int(rng.integers(vocab_size))
        bias[masked] = -1e9
        no_vector += [masked] if behind else []
    targets = rng.integers(0, vocab_size, num_tokens)
    if draw(st.booleans()):
        targets[:] = targets[: draw(st.integers(1, 3))].repeat(num_tokens)[:num_tokens]
    targets[rng.random(num_tokens) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = -100
    return Inputs(
        vectors.astype(np.float64),
        no_vector,
        draw(few),
        torch.tensor(rng.normal(size=(num_tokens, hidden_size))),
        torch.tensor(weight),
        torch.tensor(bias) if draw(st.booleans()) else None,
        torch.tensor(targets),
        draw(st.sampled_from(["mean", "sum", "none"])),
        behind,
    )


def reduced(losses, targets, reduction):
    """Reduce the losses of the counted tokens, in the words of the documentation."""
    counted = targets != -100
    if reduction == "none":
        return torch.zeros(targets.shape, dtype=losses.dtype).masked_scatter(counted, losses)
    if reduction == "sum":
        return losses.sum()
    return losses.sum() / max(1, int(counted.sum()))


def target_table(paper, variant, case):
    """Return the V × V table that the loops make for a variant."""
    options = {key: variant.options[key] for key in variant.options if key not in ("eps", "ce_mix")}
    if variant.name == "ce":
        table = np.eye(len(case.vectors))
    elif variant.name == "soft-label":
        num_neighbours = options.pop("num_neighbours", 5)
        table = paper.soft_labels(case.vectors, num_neighbours, case.stops, case.no_vector, **options)
    else:
        table = paper.all_similarities(case.vectors, case.no_vector, **options)
    return torch.tensor(table)


def assert_close(actual, expected, scale):
    """Equal to 1e-10 of the largest number expected, or of the numbers that cancelled where that is 0."""
    actual, expected = actual.detach(), expected.detach()
    largest = float(expected.abs().max()) if expected.numel() else 0.0
    assert torch.isfinite(actual).all()
    error = float((actual - expected).abs().max()) if expected.numel() else 0.0
    assert error <= 1e-10 * max(largest, scale)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_both_doors_equal_the_dense_float64_form(paper, small_chunks, variant, data):
    case = data.draw(inputs(variant.positive))
    with pytest.MonkeyPatch.context() as patch:
        # As on a GPU: no look at any value, ignored tokens visited with weight 0, a row for each token.
        patch.setattr(devices, "runs_behind", lambda device: case.behind)
        check_both_doors(paper, variant, case)


def check_both_doors(paper, variant, case):
    loss = variant.build(
        case.vectors,
        no_vector_ids=case.no_vector,
        stop_ids=case.stops,
        vocab_size=len(case.vectors),
        reduction=case.reduction,
    )
    leaves = [case.hidden, case.weight] + ([] if case.bias is None else [case.bias])
    for leaf in leaves:
        leaf.requires_grad_()
    logits = case.hidden @ case.weight.t() + (0 if case.bias is None else case.bias)
    given_logits = logits.detach().requires_grad_()
    counted = case.targets != -100
    table = target_table(paper, variant, case)
    losses = paper.dense(
        variant.name,
        logits[counted],
        table,
        case.targets[counted],
        variant.eps,
        variant.ce_mix,
    )
    expected = reduced(losses, case.targets, case.reduction)
    cotangent = torch.linspace(-1.0, 2.0, expected.numel(), dtype=torch.float64).reshape(expected.shape)
    logits.retain_grad()
    gradients = torch.autograd.grad(expected, [*leaves, logits], cotangent, allow_unused=True)

    # What a gradient is made of, p_i Σs − s_i times its factor, may cancel to nothing but rounding.
    mass = float(table.abs().sum(-1).max())
    factors = [case.weight, case.hidden, torch.ones(1)]
    fused = loss.fused(case.hidden, case.weight, case.bias, case.targets)
    assert fused.shape == expected.shape
    assert_close(fused, expected, mass)
    actual = torch.autograd.grad(fused, leaves, cotangent)
    for ours, theirs, factor in zip(actual, gradients, factors, strict=False):
        assert_close(ours, theirs, mass * float(factor.detach().abs().max()) if factor.numel() else 0.0)

    dropped_in = loss(given_logits, case.targets)
    assert_close(dropped_in, expected, mass)
    (actual,) = torch.autograd.grad(dropped_in, [given_logits], cotangent)
    assert_close(actual, gradients[-1], mass)


def test_each_token_equals_the_equation_in_plain_loops(paper, variant):
    rng = np.random.default_rng(11)
    vectors = rng.normal(size=(12, 3)).astype(np.float32).astype(np.float64)
    vectors = np.abs(vectors) if variant.positive else vectors
    vectors[4] = 0
    case = Inputs(vectors, [2], [7], *[torch.empty(0)] * 4, "none")
    table = target_table(paper, variant, case).numpy()
    logits = rng.normal(size=(24, 12)) * 3
    targets = np.arange(24) % 12
    expected = [
        paper.token_loss(variant.name, list(z), list(table[y]), y, variant.eps, variant.ce_mix)
        for z, y in zip(logits, targets, strict=True)
    ]
    loss = variant.build(vectors, no_vector_ids=[2], stop_ids=[7], reduction="none")
    actual = loss(torch.tensor(logits), torch.tensor(targets))
    np.testing.assert_allclose(actual.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_gradcheck(small_chunks, variant, reduction):
    generator = torch.Generator().manual_seed(5)
    vectors = torch.randn(6, 3, dtype=torch.float64, generator=generator)
    vectors = vectors.abs() if variant.positive else vectors
    loss = variant.build(vectors, no_vector_ids=[1], stop_ids=[3], reduction=reduction)
    targets = torch.tensor([0, 1, -100, 5, 5, 3, 2, 4, 0])
    hidden = torch.randn(9, 2, dtype=torch.float64, generator=generator, requires_grad=True)
    weight = torch.randn(6, 2, dtype=torch.float64, generator=generator, requires_grad=True)
    bias = torch.randn(6, dtype=torch.float64, generator=generator, requires_grad=True)
    logits = torch.randn(9, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda h, w, b: loss.fused(h, w, b, targets), (hidden, weight, bias), fast_mode=True
    )
    assert torch.autograd.gradcheck(lambda z: loss(z, targets), (logits,), fast_mode=True)
