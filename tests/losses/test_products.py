"""Both libraries give the same losses and gradients, and which one is used depends on nothing that changes."""

import pytest
import torch
from torch.nn import functional as F

from resay.losses import LOSSES, build_loss, output_layer, products

NUM_TOKENS, VOCAB_SIZE, HIDDEN_SIZE = 70, 300, 24


@pytest.fixture
def case():
    torch.manual_seed(0)
    hidden, weight, bias = (
        torch.randn(NUM_TOKENS, HIDDEN_SIZE),
        torch.randn(VOCAB_SIZE, HIDDEN_SIZE),
        torch.randn(VOCAB_SIZE),
    )
    return (hidden, weight, bias), torch.randint(VOCAB_SIZE, (NUM_TOKENS,)), torch.rand(VOCAB_SIZE, 8) + 0.1


def use(monkeypatch, onednn):
    for module in (output_layer, products):
        monkeypatch.setattr(module, "prefers_onednn", lambda left, *others: onednn and left.dtype == torch.float32)


@pytest.mark.parametrize("name", list(LOSSES))
@pytest.mark.parametrize("onednn", [True, False])
def test_either_library_gives_the_dense_loss(case, name, onednn, monkeypatch):
    if onednn and not torch.backends.mkldnn.is_available():
        pytest.skip("this torch has no oneDNN")
    use(monkeypatch, onednn)
    layer, targets, vectors = case
    loss = build_loss(name, vectors)
    leaves = [tensor.clone().requires_grad_() for tensor in layer]
    value = loss.fused(*leaves, targets)
    exact = [tensor.double().requires_grad_() for tensor in layer]
    truth = build_loss(name, vectors.double())(F.linear(*exact), targets)
    torch.testing.assert_close(value.double(), truth, rtol=1e-5, atol=1e-6)
    found, expected = torch.autograd.grad(value, leaves), torch.autograd.grad(truth, exact)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-5)


def test_the_choice_is_of_processor_and_sizes(monkeypatch):
    hidden, weight = torch.ones(4, 3), torch.ones(50, 3)
    monkeypatch.setattr(products, "is_amd", lambda: True)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert products.prefers_onednn(hidden, weight, 128)
    assert not products.prefers_onednn(hidden.double(), weight.double(), 128)
    assert not products.prefers_onednn(hidden, weight, products.LARGEST_BLOCK_BYTES)
    monkeypatch.setattr(products, "is_amd", lambda: False)
    assert not products.prefers_onednn(hidden, weight, 128)
