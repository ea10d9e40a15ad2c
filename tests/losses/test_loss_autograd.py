"""How the kernels live with autograd: what is computed when, and how often."""

import copy
import itertools

import pytest
import torch
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from resay.losses import CrossEntropyLoss, given_logits, output_layer

V, E, H, T = 18, 4, 3, 25


@pytest.fixture
def vectors():
    return torch.rand(V, E, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def layer():
    generator = torch.Generator().manual_seed(3)
    shapes = [(T, H), (V, H), (V,)]
    return [torch.randn(s, dtype=torch.float64, generator=generator, requires_grad=True) for s in shapes]


@pytest.fixture
def targets():
    values = torch.randint(0, V, (T,), generator=torch.Generator().manual_seed(2))
    values[4:7] = -100
    return values


def equal(first, second):
    torch.testing.assert_close(first, second, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("wanted", list(itertools.product([True, False], repeat=3)), ids=str)
def test_each_subset_of_gradients(kernel_variant, vectors, layer, targets, reduction, wanted, monkeypatch):
    loss = kernel_variant.build(vectors, reduction=reduction)
    full = torch.autograd.grad(loss.fused(*layer, targets).sum(), layer)
    computed = []
    real = output_layer._add_gradients
    monkeypatch.setattr(
        output_layer,
        "_add_gradients",
        lambda *arguments, **options: (computed.append(arguments[-1]), real(*arguments, **options)),
    )
    leaves = [tensor.detach().requires_grad_(on) for tensor, on in zip(layer, wanted, strict=True)]
    value = loss.fused(*leaves, targets).sum()
    assert value.requires_grad == any(wanted)
    if any(wanted):
        value.backward()
    for leaf, gradient, on in zip(leaves, full, wanted, strict=True):
        assert (leaf.grad is not None) == on
        if on:
            equal(leaf.grad, gradient)
    for gradients in computed:
        made = [gradients.hidden, gradients.weight, gradients.bias]
        assert [gradient is not None for gradient in made] == list(wanted)
    assert bool(computed) == any(wanted)


def test_without_grad_mode_no_gradient_is_computed(variant, vectors, layer, targets, monkeypatch):
    monkeypatch.setattr(output_layer, "_add_gradients", None)
    loss = variant.build(vectors)
    logits = F.linear(*layer).detach().requires_grad_()
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert not loss.fused(*layer, targets).requires_grad
            assert not loss(logits, targets).requires_grad


def test_backward_twice_gives_the_same_gradients_twice(variant, vectors, layer, targets, small_chunks):
    loss = variant.build(vectors)
    value = loss.fused(*layer, targets)
    first = torch.autograd.grad(value, layer, torch.tensor(3.0, dtype=torch.float64), retain_graph=True)
    second = torch.autograd.grad(value, layer, torch.tensor(6.0, dtype=torch.float64))
    logits = F.linear(*layer).detach().requires_grad_()
    value = loss(logits, targets)
    (once,) = torch.autograd.grad(value, [logits], retain_graph=True)
    (again,) = torch.autograd.grad(value, [logits], torch.tensor(2.0, dtype=torch.float64))
    for one, two in zip([*first, once], [*second, again], strict=True):
        equal(2 * one, two)


def test_gradients_are_constants_to_a_second_derivative(vectors, layer, targets):
    value = CrossEntropyLoss().fused(*layer, targets)
    (gradient,) = torch.autograd.grad(value, layer[:1], create_graph=True)
    assert not gradient.requires_grad
    squared = CrossEntropyLoss().fused(*layer, targets).square()
    with pytest.raises(RuntimeError, match="once_differentiable"):
        torch.autograd.grad(squared, layer[:1], create_graph=True)[0].sum().backward()


def test_batches_accumulate_to_the_whole(variant, vectors, layer, targets, small_chunks):
    loss = variant.build(vectors, reduction="sum")
    whole = torch.autograd.grad(loss.fused(*layer, targets), layer)
    for part in torch.arange(T).split(9):
        loss.fused(layer[0][part], *layer[1:], targets[part]).backward()
    for leaf, gradient in zip(layer, whole, strict=True):
        equal(leaf.grad, gradient)


def test_two_losses_share_one_layer(variant, vectors, layer, targets):
    loss = variant.build(vectors)
    one = torch.autograd.grad(loss.fused(*layer, targets), layer)
    other = torch.autograd.grad(loss.fused(layer[0] * 2, *layer[1:], targets), layer)
    both = loss.fused(*layer, targets) + loss.fused(layer[0] * 2, *layer[1:], targets)
    for first, second, together in zip(one, other, torch.autograd.grad(both, layer), strict=True):
        equal(first + second, together)


def test_weight_may_be_tied_to_an_embedding(variant, vectors, targets):
    loss = variant.build(vectors)
    weight = torch.randn(V, H, dtype=torch.float64, generator=torch.Generator().manual_seed(8))
    weight.requires_grad_()
    words = torch.arange(T) % V
    fused = loss.fused(torch.tanh(weight[words]), weight, None, targets)
    plain = loss(torch.tanh(weight[words]) @ weight.t(), targets)
    equal(fused, plain)
    equal(*[torch.autograd.grad(value, [weight])[0] for value in (fused, plain)])


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_gradient_checkpointing(variant, vectors, layer, targets, use_reentrant):
    loss = variant.build(vectors)

    def head(hidden):
        return loss.fused(torch.tanh(hidden), layer[1], layer[2], targets)

    plain = torch.autograd.grad(head(layer[0]), layer)
    checkpoint(head, layer[0], use_reentrant=use_reentrant).backward()
    for leaf, gradient in zip(layer, plain, strict=True):
        assert torch.equal(leaf.grad, gradient)


def test_an_optimiser_step_lowers_every_loss(variant, vectors, layer, targets):
    loss = variant.build(vectors)
    optimiser = torch.optim.SGD(layer, lr=1e-3)
    before = loss.fused(*layer, targets)
    before.backward()
    optimiser.step()
    assert float(loss.fused(*layer, targets).detach()) < float(before.detach())


def test_inputs_are_left_as_they_were(variant, vectors, layer, targets):
    kept = copy.deepcopy([*layer, targets, vectors])
    loss = variant.build(vectors)
    logits = F.linear(*layer).detach().requires_grad_()
    logits_kept = logits.detach().clone()
    loss.fused(*layer, targets).backward()
    loss(logits, targets).backward()
    assert all(torch.equal(a, b) for a, b in zip(kept, [*layer, targets, vectors], strict=True))
    assert torch.equal(logits, logits_kept)


def test_gradient_of_logits_is_not_shared_between_calls(vectors, targets):
    logits = torch.zeros(T, V, requires_grad=True)
    first = torch.autograd.grad(CrossEntropyLoss()(logits, targets), [logits])[0].clone()
    value = CrossEntropyLoss()(logits, targets)
    value.backward()
    logits.grad.zero_()
    value = CrossEntropyLoss()(logits, targets)
    value.backward()
    assert torch.equal(logits.grad, first)


def test_kernels_name_their_nodes(vectors, layer, targets):
    assert CrossEntropyLoss().fused(*layer, targets).grad_fn.name() == "OutputLayerLossBackward"
    assert issubclass(given_logits.LogitsLoss, torch.autograd.Function)
