"""Latents of no sentence, drawn from a model's prior."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.latents.space import BernoulliPrior, GaussianPrior, NormalPrior, Prior

Latents = Float32[ndarray, "L Z"]


def draw_normal(prior: NormalPrior, generator: np.random.Generator, shape: tuple[int, int]) -> Latents:
    """Return draws from N(0, I)."""
    return generator.standard_normal(shape, dtype=np.float32)


def draw_bernoulli(prior: BernoulliPrior, generator: np.random.Generator, shape: tuple[int, int]) -> Latents:
    """Return throws of the coins, zeros and ones."""
    latents: Latents = (generator.random(shape) < np.array(prior.probabilities)).astype(np.float32)
    return latents


def draw_gaussian(prior: GaussianPrior, generator: np.random.Generator, shape: tuple[int, int]) -> Latents:
    """Return mean + ε · factor with ε ~ N(0, I_K)."""
    mean, factor = np.array(prior.mean), np.array(prior.factor)
    draws = generator.standard_normal((shape[0], len(factor)))
    # One product each: what one product of all gives may depend, in the last digits, on how many there are.
    return np.stack([mean + draw @ factor for draw in draws]).astype(np.float32)


PRIORS: Mapping[str, Callable[[Any, np.random.Generator, tuple[int, int]], Latents]] = {
    "normal": draw_normal,
    "bernoulli": draw_bernoulli,
    "gaussian": draw_gaussian,
}
"""How latents, L and Z being their shape, are drawn from each kind of prior."""


def draw_latents(prior: Prior, num_latents: int, latent_size: int, seed: int) -> Latents:
    """Return latents of no sentence; those with the same seed begin alike, however many are drawn."""
    return PRIORS[prior.kind](prior, np.random.default_rng(seed), (num_latents, latent_size))
