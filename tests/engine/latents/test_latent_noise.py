"""What samples are drawn with, and latents around one."""

import numpy as np
import pytest

from resay.engine.latents.nearby import around
from resay.engine.latents.noise import NOISES, sentence_noise


@pytest.mark.parametrize("kind", NOISES)
def test_noise_is_of_the_sentence_and_of_the_seed(kind):
    first, again = (sentence_noise(kind, 7, (5, 6), 20) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.dtype == np.float32
    assert first.shape == (20,)
    for seed, token_ids in ((8, (5, 6)), (7, (6, 5)), (7, (5,))):
        assert not np.array_equal(first, sentence_noise(kind, seed, token_ids, 20))


def test_the_kinds_are_what_they_say():
    many = {kind: np.concatenate([sentence_noise(kind, 0, (word,), 50) for word in range(200)]) for kind in NOISES}
    assert many["normal"].mean() == pytest.approx(0, abs=0.05)
    assert many["normal"].std() == pytest.approx(1, abs=0.05)
    assert many["uniform"].min() >= 0
    assert many["uniform"].max() < 1
    assert many["uniform"].mean() == pytest.approx(0.5, abs=0.02)
    assert many["uniform"].std() == pytest.approx(12**-0.5, abs=0.02)


@pytest.fixture
def code(rng):
    return rng.integers(0, 2, 400).astype(np.float32)


@pytest.mark.parametrize(
    ("noise", "share"), [(0.0, 0.0), (0.2, 0.01), (0.5, 0.0625), (1.0, 0.25), (1.4, 0.49), (9.0, 0.5)]
)
def test_noise_flips_a_share_of_bits(code, noise, share):
    latents = around(code, noise, 41, seed=1, binary=True)
    assert set(np.unique(latents)) <= {0, 1}
    assert latents.dtype == np.float32
    assert np.array_equal(latents[0], code), "itself comes first"
    assert (latents[1:] != code).mean() == pytest.approx(share, abs=0.01)
    signs = 2 * latents - 1
    far = np.linalg.norm(signs[1:] - signs[0], axis=1) / np.linalg.norm(signs[0])
    assert np.sqrt((far**2).mean()) == pytest.approx(min(noise, 2**0.5), abs=0.03), "as far as Gaussian noise"


def test_the_seed_decides_which_bits(code):
    first, again, other = (around(code, 0.5, 4, seed, binary=True) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[1], first[2])
