"""The binary latent: true bits forwards, the gradient of the probabilities backwards."""

import pytest
import torch
from torch import nn

from resay.models.bottlenecks.binary import BinaryBottleneck, straight_through

NUM_SENTENCES, FEATURE_SIZE, LATENT_SIZE, NUM_OUTPUTS = 7, 5, 11, 4


class Loss(nn.Module):
    """L(z) = Σ_bk a_k sin(z_b · W_k + c_k), whose gradient one can write down."""

    def __init__(self, dtype):
        super().__init__()
        self.weight = torch.randn(LATENT_SIZE, NUM_OUTPUTS, dtype=dtype)
        self.phase, self.size = torch.randn(2, NUM_OUTPUTS, dtype=dtype)

    def forward(self, latent):
        return (self.size * torch.sin(latent @ self.weight + self.phase)).sum()

    def gradient(self, latent):
        return (self.size * torch.cos(latent @ self.weight + self.phase)) @ self.weight.T


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_the_gradient_of_the_probabilities_is_that_of_the_bits():
    loss = Loss(torch.float64)
    logits = (2 * torch.randn(NUM_SENTENCES, LATENT_SIZE, dtype=torch.float64)).requires_grad_()
    probabilities = logits.sigmoid()
    probabilities.retain_grad()
    bits = straight_through(probabilities, torch.rand(logits.shape, dtype=torch.float64))
    loss(bits).backward()
    by_definition = loss.gradient(bits.detach())
    torch.testing.assert_close(probabilities.grad, by_definition, rtol=1e-12, atol=1e-12)
    p = probabilities.detach()
    torch.testing.assert_close(logits.grad, by_definition * p * (1 - p), rtol=1e-12, atol=1e-12)
    soft = loss.gradient(p)
    assert not torch.allclose(by_definition, soft, rtol=0.1), "a loss this curved tells bits from probabilities"


def test_the_gradient_goes_on_to_weights_and_features():
    """In single precision, the only one that the bottleneck computes in."""
    loss = Loss(torch.float32)
    bottleneck = BinaryBottleneck(FEATURE_SIZE, LATENT_SIZE)
    features = torch.randn(NUM_SENTENCES, FEATURE_SIZE, requires_grad=True)
    latent = bottleneck(features, torch.rand(NUM_SENTENCES, LATENT_SIZE)).value
    loss(latent).backward()
    with torch.no_grad():
        p = bottleneck.to_logits(features).sigmoid()
        of_logits = loss.gradient(latent) * p * (1 - p)
        expected = {
            "weight": (bottleneck.to_logits.weight.grad, of_logits.T @ features),
            "bias": (bottleneck.to_logits.bias.grad, of_logits.sum(0)),
            "features": (features.grad, of_logits @ bottleneck.to_logits.weight),
        }
    for found, by_hand in expected.values():
        torch.testing.assert_close(found, by_hand, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_latent_is_exactly_the_step_of_probability_less_noise(dtype):
    probabilities, noise = torch.rand(2, 500, LATENT_SIZE, dtype=dtype)
    bits = straight_through(probabilities, noise)
    assert torch.equal(bits, torch.heaviside(probabilities - noise, torch.zeros((), dtype=dtype)))
    assert set(bits.unique().tolist()) == {0.0, 1.0}


def test_coins_that_are_certain_never_err():
    certain = torch.tensor([[0.0, 1.0]]).expand(3, 2)
    largest = torch.nextafter(torch.ones(()), torch.zeros(()))
    noise = torch.stack([torch.zeros(2), torch.full((2,), 0.5), largest.expand(2)])
    assert straight_through(certain, noise).tolist() == [[0.0, 1.0]] * 3
