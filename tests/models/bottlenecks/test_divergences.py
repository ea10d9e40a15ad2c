"""The penalties against closed forms that somebody else wrote."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from resay.models.bottlenecks import BOTTLENECKS
from resay.models.bottlenecks.bernoulli import bernoulli_kl
from resay.models.bottlenecks.gaussian import gaussian_kl

WITH_PENALTY = ("vae", "gumbel-vae", "binary-vae")


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_the_gaussian_divergence_is_that_of_torch():
    mean = 3 * torch.randn(20, 9, dtype=torch.float64)
    log_variance = 4 * torch.randn(20, 9, dtype=torch.float64)
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    closed = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), prior).sum(1)
    torch.testing.assert_close(gaussian_kl(mean, log_variance), closed, rtol=1e-12, atol=0)
    assert gaussian_kl(torch.zeros(1, 9), torch.zeros(1, 9)).item() == 0


def test_the_divergence_of_coins_is_that_of_torch():
    logits = 4 * torch.randn(20, 9, dtype=torch.float64)
    closed = kl_divergence(Bernoulli(logits=logits), Bernoulli(torch.full_like(logits, 0.5))).sum(1)
    # torch's softplus leaves out e^-20 = 2e-9 beyond its threshold.
    torch.testing.assert_close(bernoulli_kl(logits), closed, rtol=1e-8, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("logit", [80.0, -80.0, 1000.0, -1000.0])
def test_a_certain_coin_costs_log_2(dtype, logit):
    logits = torch.full((1, 3), logit, dtype=dtype, requires_grad=True)
    divergence = bernoulli_kl(logits)
    divergence.sum().backward()
    rounding = 4 * abs(logit) * torch.finfo(dtype).eps  # of two terms as large as the logit
    assert divergence.item() == pytest.approx(3 * math.log(2), abs=rounding)
    assert logits.grad.abs().max() < 1e-6


def test_a_fair_coin_costs_nothing_and_no_coin_less():
    assert bernoulli_kl(torch.zeros(1, 5, dtype=torch.float64)).item() == pytest.approx(0, abs=1e-15)
    around = torch.linspace(-1, 1, 2001, dtype=torch.float64).unsqueeze(1)
    assert bernoulli_kl(around).min() >= -1e-15


def test_the_gradient_draws_coins_towards_fair_ones():
    """∂KL/∂l = l p (1 − p), with or without the constant that the paper prints."""
    logits = (3 * torch.randn(20, 9, dtype=torch.float64)).requires_grad_()
    bernoulli_kl(logits).sum().backward()
    p = logits.detach().sigmoid()
    torch.testing.assert_close(logits.grad, logits.detach() * p * (1 - p), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", list(BOTTLENECKS))
def test_who_pays(name):
    bottleneck = BOTTLENECKS[name](6, 4)
    penalty = bottleneck(torch.randn(3, 6), torch.rand(3, bottleneck.latent_size)).penalty
    assert bool((penalty > 0).all()) if name in WITH_PENALTY else penalty.tolist() == [0.0] * 3


@pytest.mark.parametrize("name", WITH_PENALTY)
def test_the_penalty_is_a_sum_over_components_and_knows_no_noise(name):
    bottleneck = BOTTLENECKS[name](6, 4)
    features = torch.randn(3, 6)
    first, second = (bottleneck(features, noise).penalty for noise in torch.rand(2, 3, 4))
    assert torch.equal(first, second)
    by_hand = {
        "vae": lambda: gaussian_kl(bottleneck.to_mean(features), bottleneck.to_log_variance(features)),
        "gumbel-vae": lambda: bernoulli_kl(bottleneck.to_logits(features)),
        "binary-vae": lambda: bernoulli_kl(bottleneck.to_logits(features)),
    }
    torch.testing.assert_close(first, by_hand[name]())
