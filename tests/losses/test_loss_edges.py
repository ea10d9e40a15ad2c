"""What the equations leave open, and what must not matter."""

import pytest
import torch
from torch.nn import functional as F

from resay.losses import (
    CrossEntropyLoss,
    SoftLabelLoss,
    WeightedCrossEntropyLoss,
    WeightedSimilarityLoss,
    devices,
)

V, E, H, T = 20, 4, 3, 30


@pytest.fixture
def vectors():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(V, E, dtype=torch.float64, generator=generator) + 0.01


@pytest.fixture
def logits():
    return torch.randn(T, V, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 3


@pytest.fixture
def targets():
    return torch.randint(0, V, (T,), generator=torch.Generator().manual_seed(2))


@pytest.fixture
def layer():
    generator = torch.Generator().manual_seed(3)
    hidden = torch.randn(T, H, dtype=torch.float64, generator=generator, requires_grad=True)
    weight = torch.randn(V, H, dtype=torch.float64, generator=generator, requires_grad=True)
    bias = torch.randn(V, dtype=torch.float64, generator=generator, requires_grad=True)
    return hidden, weight, bias


def equal(first, second):
    torch.testing.assert_close(first, second, rtol=1e-12, atol=1e-12)


# Padding


def test_padding_never_changes_a_loss(variant, vectors, layer, targets, small_chunks):
    loss = variant.build(vectors)
    hidden, weight, bias = layer
    padded_hidden = torch.cat([torch.full((5, H), torch.nan), hidden.detach(), torch.full((50, H), torch.inf)])
    padded_hidden = padded_hidden.requires_grad_()
    padded_targets = F.pad(targets, (5, 50), value=-100)
    alone = loss.fused(hidden, weight, bias, targets)
    padded = loss.fused(padded_hidden, weight, bias, padded_targets)
    assert float(padded.detach()) == float(alone.detach())
    plain = torch.autograd.grad(alone, layer)
    among = torch.autograd.grad(padded, [padded_hidden, weight, bias])
    assert torch.equal(among[0][5 : 5 + T], plain[0])
    assert not among[0][:5].any()
    assert not among[0][5 + T :].any()
    assert torch.equal(among[1], plain[1])
    assert torch.equal(among[2], plain[2])
    logits = F.linear(padded_hidden, weight, bias).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(logits, padded_targets), [logits])
    assert not gradient[:5].any()
    equal(gradient[5:-50].sum(0), plain[2])


def test_padding_never_changes_a_loss_on_a_device(variant, vectors, layer, targets, small_chunks, monkeypatch):
    loss = variant.build(vectors)
    hidden, weight, bias = layer
    alone = loss.fused(hidden, weight, bias, targets)
    plain = torch.autograd.grad(alone, layer)
    monkeypatch.setattr(devices, "runs_behind", lambda device: True)
    padded_hidden = torch.cat([hidden.detach(), torch.full((5, H), torch.nan)]).requires_grad_()
    padded_targets = F.pad(targets, (0, 5), value=-100)
    padded = loss.fused(padded_hidden, weight, bias, padded_targets)
    equal(padded, alone)
    among = torch.autograd.grad(padded, [padded_hidden, weight, bias])
    for ours, theirs in zip((among[0][:T], *among[1:]), plain, strict=True):
        equal(ours, theirs)
    assert not among[0][T:].any()
    logits = F.linear(padded_hidden, weight, bias).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(logits, padded_targets), [logits])
    assert not gradient[T:].any()


def test_ignore_index_may_be_a_word(variant, vectors, logits, targets):
    pad = 0
    options = {} if variant.name == "ce" else {"no_vector_ids": [pad]}
    padded = variant.build(vectors, ignore_index=pad, **options)
    plain = variant.build(vectors, **options)
    targets[:7] = pad
    equal(padded(logits, targets), plain(logits[7:][targets[7:] != pad], targets[7:][targets[7:] != pad]))


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_all_ignored_is_zero_with_zero_gradients(variant, vectors, layer, logits, reduction, behind, monkeypatch):
    monkeypatch.setattr(devices, "runs_behind", lambda device: behind)
    loss = variant.build(vectors, reduction=reduction)
    targets = torch.full((T,), -100)
    for value, leaves in (
        (loss.fused(*layer, targets), layer),
        (loss(logits.requires_grad_(), targets), (logits,)),
    ):
        assert not value.any()
        for gradient in torch.autograd.grad(value.sum(), leaves):
            assert not gradient.any()


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_no_tokens_are_as_all_ignored(variant, vectors, layer, shape, reduction):
    loss = variant.build(vectors, reduction=reduction)
    hidden = torch.zeros(*shape, H, dtype=torch.float64, requires_grad=True)
    value = loss.fused(hidden, *layer[1:], torch.zeros(shape, dtype=torch.int64))
    assert value.shape == (torch.Size(shape) if reduction == "none" else ())
    assert not value.any()
    gradients = torch.autograd.grad(value.sum(), [hidden, *layer[1:]])
    assert gradients[0].shape == hidden.shape
    assert not any(gradient.any() for gradient in gradients)
    logits = torch.zeros(*shape, V, dtype=torch.float64)
    assert loss(logits, torch.zeros(shape, dtype=torch.int64)).shape == value.shape


# Shapes, types and layouts of inputs


def test_leading_axes_and_layout_do_not_matter(variant, vectors, layer, targets):
    loss = variant.build(vectors)
    each = variant.build(vectors, reduction="none")
    hidden, weight, bias = layer
    flat = loss.fused(hidden, weight, bias, targets)
    boxed_targets = targets.reshape(5, 6)
    boxed = loss.fused(hidden.reshape(5, 6, H), weight, bias, boxed_targets)
    equal(boxed, flat)
    assert each.fused(hidden.reshape(5, 6, H), weight, bias, boxed_targets).shape == (5, 6)
    spread_hidden = torch.stack([hidden.detach()] * 2, 1)[:, 1].requires_grad_()
    spread_weight = weight.detach().t().contiguous().t().requires_grad_()
    spread_targets = torch.stack([targets] * 2, 1)[:, 1].to(torch.int32)
    assert not spread_hidden.is_contiguous()
    spread = loss.fused(spread_hidden, spread_weight, bias.detach(), spread_targets)
    equal(spread, flat)
    for first, second in zip(
        torch.autograd.grad(spread, [spread_hidden, spread_weight]),
        torch.autograd.grad(flat, [hidden, weight]),
        strict=True,
    ):
        equal(first, second)
    logits = F.linear(hidden, weight, bias).detach()
    time_major = logits.reshape(5, 6, V).transpose(0, 1)
    equal(loss(time_major, boxed_targets.t()), flat)
    equal(loss(logits.t().contiguous().t(), targets.to(torch.int16)), flat)
    equal(each(logits[3], targets[3]), each(logits, targets)[3])


def test_a_word_alone_in_the_vocabulary_costs_nothing(vectors):
    one = vectors[:1]
    logits, targets = torch.randn(3, 1, dtype=torch.float64), torch.zeros(3, dtype=torch.int64)
    assert float(CrossEntropyLoss()(logits, targets)) == 0
    assert float(SoftLabelLoss(one)(logits, targets)) == 0
    assert float(WeightedCrossEntropyLoss(one, eps=0.0)(logits, targets)) == 0
    equal(WeightedSimilarityLoss(one)(logits, targets), torch.tensor(-1.0, dtype=torch.float64))


def test_order_of_tokens_does_not_matter(variant, vectors, logits, targets, small_chunks):
    loss = variant.build(vectors)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(4))
    equal(loss(logits[order], targets[order]), loss(logits, targets))


# Relations between the losses


def test_cross_entropy_is_torch_s(logits, targets):
    targets[3] = -100
    for reduction in ("mean", "sum", "none"):
        equal(
            CrossEntropyLoss(reduction=reduction)(logits, targets),
            F.cross_entropy(logits, targets, reduction=reduction),
        )


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("temperature", [None, 0.1])
def test_one_neighbour_is_cross_entropy(vectors, logits, targets, layer, normalize, temperature):
    vectors[3] = 0
    loss = SoftLabelLoss(vectors, 1, normalize=normalize, temperature=temperature)
    assert torch.equal(loss(logits, targets), CrossEntropyLoss()(logits, targets))
    assert torch.equal(loss.fused(*layer, targets), CrossEntropyLoss().fused(*layer, targets))


def test_all_neighbours_unnormalised_are_weighted_cross_entropy(vectors, logits, targets):
    soft = SoftLabelLoss(vectors, V, normalize=False)(logits, targets)
    equal(soft, WeightedCrossEntropyLoss(vectors, eps=0.0)(logits, targets))


def test_all_neighbours_normalised_are_not_weighted_cross_entropy(vectors, logits, targets):
    soft = SoftLabelLoss(vectors, V)(logits, targets)
    weighted = WeightedCrossEntropyLoss(vectors, eps=0.0)(logits, targets)
    assert abs(float(soft - weighted)) > 0.5 * abs(float(weighted))
    equal(soft, WeightedCrossEntropyLoss(vectors, eps=0.0, normalize=True)(logits, targets))


def test_all_neighbours_with_negatives_kept_are_weighted_cross_entropy(vectors, logits, targets):
    centred = vectors - vectors.mean(0)
    soft = SoftLabelLoss(centred, V, normalize=False, eps=1e-5, negatives="keep")(logits, targets)
    equal(soft, WeightedCrossEntropyLoss(centred)(logits, targets))


def test_ce_mix_adds_cross_entropy(vectors, logits, targets):
    mixed = WeightedSimilarityLoss(vectors, ce_mix=0.25)(logits, targets)
    plain = WeightedSimilarityLoss(vectors)(logits, targets)
    equal(mixed, plain + 0.25 * CrossEntropyLoss()(logits, targets))


def test_weighted_similarity_lies_between_minus_one_and_one(vectors, logits, targets):
    value = WeightedSimilarityLoss(vectors - vectors.mean(0), reduction="none")(logits * 10, targets)
    assert value.abs().max() <= 1 + 1e-12


def test_length_of_vectors_does_not_matter(variant, vectors, logits, targets):
    lengths = torch.logspace(-18, 18, V, dtype=torch.float64).unsqueeze(1)
    torch.testing.assert_close(
        variant.build(vectors * lengths)(logits, targets), variant.build(vectors)(logits, targets)
    )


def test_published_eps_bounds_what_the_bare_formula_does_not(vectors):
    centred = vectors - vectors.mean(0)
    loss = WeightedCrossEntropyLoss(centred, reduction="sum")
    logits = torch.zeros(1, V, dtype=torch.float64)
    logits[0, :-1] = -1e6
    value = loss(logits, torch.tensor([0]))
    assert float(value.abs()) < 11.6 * float(loss.similarity.rows(torch.tensor([0]), torch.empty(1, V)).abs().sum())


# Words without a vector


@pytest.mark.parametrize("way", ["zero vector", "no_vector_ids", "mask"])
def test_a_word_without_vector_is_like_itself_alone(similarity_variant, vectors, logits, way):
    variant, word = similarity_variant, 6
    options = {}
    if way == "zero vector":
        vectors[word] = 0
    else:
        options["no_vector_ids"] = [word] if way == "no_vector_ids" else torch.arange(V) == word
    loss = variant.build(vectors, reduction="none", **options)
    targets = torch.full((T,), word)
    p = logits.softmax(-1)[:, word]
    expected = -p if variant.name == "weighted-sim" else -torch.log(p + variant.eps)
    equal(loss(logits, targets), expected - variant.ce_mix * p.log())
    # For other targets it weighs nothing: the loss is that of a vocabulary in which nobody resembles it.
    others = torch.arange(T) % V
    others[others == word] = 0
    changed = vectors.clone()
    if way != "zero vector":
        changed[word] = -vectors[word] * 7 + 1
    assert torch.equal(variant.build(changed, reduction="none", **options)(logits, others), loss(logits, others))


def test_vectors_all_zero_leave_one_hot_targets(vectors, logits, targets):
    zero = torch.zeros_like(vectors)
    expected = F.cross_entropy(logits, targets)
    equal(SoftLabelLoss(zero)(logits, targets), expected)
    equal(WeightedCrossEntropyLoss(zero, eps=0.0, normalize=True)(logits, targets), expected)
    own = logits.softmax(-1).gather(1, targets[:, None])
    equal(WeightedSimilarityLoss(zero)(logits, targets), -own.mean())


def test_rows_that_sum_to_nothing_become_one_hot(logits):
    square = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], dtype=torch.float64)
    logits, targets = logits[:4, :4], torch.arange(4)
    own = logits.softmax(-1).diagonal()
    loss = WeightedCrossEntropyLoss(square, normalize=True)
    equal(loss(logits, targets), -torch.log(own + 1e-5).mean())
    loss = SoftLabelLoss(square, 4, eps=1e-5, negatives="keep")
    equal(loss(logits, targets), -torch.log(own + 1e-5).mean())


def test_a_masked_word_of_weight_zero_counts_for_nothing(logits):
    square = torch.tensor([[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]], dtype=torch.float64)
    logits = logits[:2, :3].clone()
    logits[:, 2] = -torch.inf
    targets = torch.tensor([0, 1])
    masked = SoftLabelLoss(square, 3)(logits, targets)
    equal(masked, SoftLabelLoss(square[:2], 2)(logits[:, :2], targets))
