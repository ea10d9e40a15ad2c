"""Latents drawn from each kind of prior."""

import numpy as np
import pytest

from resay.engine.latents.priors import PRIORS, draw_latents
from resay.engine.latents.space import BernoulliPrior, GaussianPrior, NormalPrior

PROBABILITIES = (0.0, 1.0, 0.5, 0.25)
MEAN, FACTOR = (1.0, -2.0, 0.0, 5.0), ((1.0, 2.0, 0.0, 0.0), (0.0, 1.0, -1.0, 0.0))
PRIOR_OF_KIND = {
    "normal": NormalPrior(kind="normal"),
    "bernoulli": BernoulliPrior(kind="bernoulli", probabilities=PROBABILITIES),
    "gaussian": GaussianPrior(kind="gaussian", mean=MEAN, factor=FACTOR),
}
MANY = 4000


def test_every_kind_is_looked_at():
    assert PRIOR_OF_KIND.keys() == PRIORS.keys()


@pytest.mark.parametrize("kind", PRIORS)
def test_the_first_are_the_same_however_many_are_drawn(kind):
    five, ten = (draw_latents(PRIOR_OF_KIND[kind], number, 4, seed=9) for number in (5, 10))
    assert np.array_equal(ten[:5], five)
    assert ten.shape == (10, 4)
    assert ten.dtype == np.float32
    assert len(np.unique(draw_latents(PRIOR_OF_KIND[kind], 200, 4, seed=9), axis=0)) > 3
    assert not np.array_equal(draw_latents(PRIOR_OF_KIND[kind], 10, 4, seed=10), ten)


def test_moments_of_a_normal_prior():
    latents = draw_latents(PRIOR_OF_KIND["normal"], MANY, 4, seed=1)
    assert latents.mean(axis=0) == pytest.approx(np.zeros(4), abs=0.07)
    assert np.cov(latents.T) == pytest.approx(np.eye(4), abs=0.1)


def test_moments_of_a_bernoulli_prior():
    latents = draw_latents(PRIOR_OF_KIND["bernoulli"], MANY, 4, seed=1)
    assert set(np.unique(latents)) == {0, 1}
    assert latents[:, 0].max() == 0
    assert latents[:, 1].min() == 1
    assert latents.mean(axis=0) == pytest.approx(PROBABILITIES, abs=0.03)
    assert np.cov(latents.T)[2, 3] == pytest.approx(0, abs=0.03)


def test_moments_of_a_gaussian_prior():
    latents = draw_latents(PRIOR_OF_KIND["gaussian"], MANY, 4, seed=1)
    factor = np.array(FACTOR)
    assert latents.mean(axis=0) == pytest.approx(MEAN, abs=0.15)
    assert np.cov(latents.T) == pytest.approx(factor.T @ factor, abs=0.3)
    assert (latents[:, 3] == 5).all()
