"""Latents that are drawn: whether they have the distribution that they are said to have, over many draws."""

import math

import pytest
import torch

from resay.models.bottlenecks.binary import BinaryBottleneck
from resay.models.bottlenecks.gaussian import GaussianBottleneck
from resay.models.bottlenecks.gumbel import GumbelBottleneck

NUM_DRAWS, FEATURE_SIZE, LATENT_SIZE = 40_000, 3, 8
STANDARD_ERRORS = 4.5
"""Chance passes it once in 100,000 comparisons; the draws are the same in every run."""


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def draws(bottleneck, draw_noise):
    """Return draws of the latent of one sentence, and what else can be read off it."""
    features = 2 * torch.randn(1, FEATURE_SIZE)
    with torch.no_grad():
        noise = draw_noise(NUM_DRAWS, LATENT_SIZE)
        drawn = bottleneck(features.expand(NUM_DRAWS, -1), noise).value
        return drawn, noise, bottleneck.readings(features, noise[:1]), features


def standard_errors(share, probability):
    """Return by how many standard errors the share of successes differs from their probability."""
    return ((share - probability).abs() / (probability * (1 - probability) / NUM_DRAWS).sqrt()).max()


@pytest.mark.parametrize("with_kl", [False, True])
def test_the_mean_of_drawn_bits_is_their_probability(with_kl):
    bits, _, readings, _ = draws(BinaryBottleneck(FEATURE_SIZE, LATENT_SIZE, with_kl=with_kl), torch.rand)
    probabilities = readings["probabilities"][0]
    assert probabilities.max() - probabilities.min() > 0.3, "coins that differ"
    assert standard_errors(bits.mean(0), probabilities) < STANDARD_ERRORS


@pytest.mark.parametrize("with_kl", [False, True])
def test_soft_bits_above_a_half_come_with_the_probability(with_kl):
    soft, _, readings, _ = draws(GumbelBottleneck(FEATURE_SIZE, LATENT_SIZE, with_kl=with_kl), torch.rand)
    probabilities = readings["probabilities"][0]
    assert soft.min() > 0
    assert soft.max() < 1
    assert standard_errors((soft > 0.5).float().mean(0), probabilities) < STANDARD_ERRORS
    assert standard_errors(soft.mean(0), probabilities) > STANDARD_ERRORS, "at temperature 1 the mean is nearer to ½"


def test_soft_bits_are_the_two_class_gumbel_softmax():
    """softmax(log p + g) with a Gumbel variable for each class, compared by Kolmogorov and Smirnov's distance."""
    soft, _, readings, _ = draws(GumbelBottleneck(FEATURE_SIZE, LATENT_SIZE), torch.rand)
    p = readings["probabilities"][0]
    gumbel = torch.distributions.Gumbel(0.0, 1.0).sample((NUM_DRAWS, LATENT_SIZE, 2))
    pairs = torch.softmax(torch.stack([p.log(), (1 - p).log()], dim=1) + gumbel, dim=2)[..., 0]
    chance = 2.2 * math.sqrt(2 / NUM_DRAWS)  # passed once in 8,000 comparisons
    for component in range(LATENT_SIZE):
        assert distance(soft[:, component], pairs[:, component]) < chance
    assert distance(soft[:, 0], pairs[:, 1]) > 3 * chance, "two coins that differ are told apart"


def distance(first, second):
    """Return the largest difference of two samples' distribution functions."""
    places = torch.cat([first, second])
    functions = [torch.searchsorted(one.sort().values, places, right=True) / len(one) for one in (first, second)]
    return (functions[0] - functions[1]).abs().max()


@pytest.mark.parametrize("noise", [0.0, 1 - 2**-24])
def test_the_ends_of_the_noise_leave_soft_bits_differentiable(noise):
    bottleneck = GumbelBottleneck(FEATURE_SIZE, LATENT_SIZE)
    features = torch.randn(1, FEATURE_SIZE, requires_grad=True)
    bottleneck(features, torch.full((1, LATENT_SIZE), noise)).value.sum().backward()
    assert features.grad.isfinite().all()
    assert features.grad.abs().max() > 0


def test_a_gaussian_latent_is_its_mean_and_its_deviation_times_the_noise():
    bottleneck = GaussianBottleneck(FEATURE_SIZE, LATENT_SIZE)
    drawn, noise, readings, features = draws(bottleneck, torch.randn)
    mean = readings["mean"][0]
    deviation = (0.5 * bottleneck.to_log_variance(features)[0]).exp().detach()
    torch.testing.assert_close(drawn, mean + deviation * noise)
    assert ((drawn.mean(0) - mean).abs() / deviation).max() < STANDARD_ERRORS / math.sqrt(NUM_DRAWS)
    spread = drawn.var(0) / deviation.square()  # its standard error is √(2/n)
    assert (spread - 1).abs().max() < STANDARD_ERRORS * math.sqrt(2 / NUM_DRAWS)


def test_the_gradient_reaches_mean_and_deviation_through_the_draw():
    """∂z/∂μ = 1 and ∂z/∂log σ² = ½ σ ξ."""
    bottleneck = GaussianBottleneck(FEATURE_SIZE, LATENT_SIZE)
    features, noise, slope = torch.randn(1, FEATURE_SIZE), torch.randn(1, LATENT_SIZE), torch.randn(1, LATENT_SIZE)
    (bottleneck(features, noise).value * slope).sum().backward()
    deviation = (0.5 * bottleneck.to_log_variance(features)).exp()
    torch.testing.assert_close(bottleneck.to_mean.bias.grad, slope[0])
    torch.testing.assert_close(bottleneck.to_log_variance.bias.grad, (0.5 * deviation * noise * slope)[0].detach())
