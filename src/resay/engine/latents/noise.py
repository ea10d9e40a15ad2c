"""What samples are drawn with: numbers that a seed decides."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.latents.space import NoiseKind


def normal(generator: np.random.Generator, size: int) -> Float32[ndarray, " Z"]:
    """Return independent draws from N(0, 1)."""
    return generator.standard_normal(size, dtype=np.float32)


def uniform(generator: np.random.Generator, size: int) -> Float32[ndarray, " Z"]:
    """Return independent draws from U(0, 1), 0 possible and 1 not."""
    return generator.random(size, dtype=np.float32)


NOISES: Mapping[NoiseKind, Callable[[np.random.Generator, int], Float32[ndarray, " Z"]]] = {
    "normal": normal,
    "uniform": uniform,
}
"""How each kind of noise is drawn; "none" has no row."""


def sentence_noise(kind: NoiseKind, seed: int, token_ids: Sequence[int], latent_size: int) -> Float32[ndarray, " Z"]:
    """Return the noise of one sentence.

    It depends on the seed and on the sentence's own tokens alone: not on what shares its batch, and not the same
    for sentences that differ.
    """
    return NOISES[kind](np.random.default_rng([seed, *token_ids]), latent_size)
