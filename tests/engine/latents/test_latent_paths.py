"""Ways between two latents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.engine.latents.paths import DEFAULT_POINTS, bit_flips, find_path, straight_line

SEEDS = st.integers(0, 2**63 - 1)
CODES = st.integers(1, 40).flatmap(
    lambda size: st.tuples(*[st.lists(st.sampled_from([0.0, 1.0]), min_size=size, max_size=size)] * 2)
)


def code(bits):
    return np.array(bits, dtype=np.float32)


@given(CODES, SEEDS)
def test_each_step_flips_one_differing_bit(pair, seed):
    start, end = map(code, pair)
    latents, positions = bit_flips(start, end, seed)
    assert np.array_equal(latents[0], start)
    assert np.array_equal(latents[-1], end)
    assert (np.abs(np.diff(latents, axis=0)).sum(axis=1) == 1).all()
    num_flips = int((start != end).sum())
    assert len(latents) == num_flips + 1, "a shortest way: no bit is flipped twice"
    assert positions.tolist() == pytest.approx([step / max(1, num_flips) for step in range(num_flips + 1)])
    assert latents.dtype == np.float32


@given(CODES, SEEDS, st.integers(2, 50))
def test_fewer_points_are_points_of_the_same_way(pair, seed, num_points):
    start, end = map(code, pair)
    whole, some = bit_flips(start, end, seed), bit_flips(start, end, seed, num_points)
    assert len(some.latents) == min(num_points, len(whole.latents))
    steps = np.rint(some.positions * max(1, len(whole.latents) - 1)).astype(int)
    assert np.array_equal(whole.latents[steps], some.latents)
    assert steps[0] == 0
    assert steps[-1] == len(whole.latents) - 1
    assert np.ptp(np.diff(steps)) <= 1 if len(steps) > 1 else True, "evenly spread"


def test_the_seed_decides_the_way_of_bits():
    start, end = np.zeros(30, np.float32), np.ones(30, np.float32)
    first, again, other = (bit_flips(start, end, seed).latents for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    first_flips = {int(np.flatnonzero(bit_flips(start, end, seed).latents[1])[0]) for seed in range(200)}
    assert len(first_flips) == 30, "any bit may be the first"


def test_a_code_to_itself_is_one_point():
    bits = code([1, 0, 1])
    assert bit_flips(bits, bits, 0).positions.tolist() == [0]
    assert np.array_equal(bit_flips(bits, bits, 0, 5).latents, [bits])


@given(st.integers(2, 30))
def test_a_straight_line_is_one(num_points):
    generator = np.random.default_rng(num_points)
    start, end = generator.standard_normal((2, 6), dtype=np.float32)
    latents, positions = straight_line(start, end, num_points)
    assert len(latents) == len(positions) == num_points
    assert np.array_equal(latents[0], start)
    assert np.array_equal(latents[-1], end)
    assert latents.dtype == np.float32
    for latent, position in zip(latents, positions, strict=True):
        np.testing.assert_allclose(latent, start + position * (end.astype(float) - start), atol=1e-5)
    np.testing.assert_allclose(np.diff(positions), 1 / (num_points - 1))


def test_the_kind_of_latent_decides_the_kind_of_way():
    start, end = code([0, 0, 1]), code([1, 1, 1])
    assert len(find_path(start, end, binary=True, seed=0).latents) == 3
    line = find_path(start, end, binary=False, seed=0)
    assert len(line.latents) == DEFAULT_POINTS == 9
    assert line.latents[4].tolist() == [0.5, 0.5, 1]
