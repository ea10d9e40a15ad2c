"""Word vectors in eight bits a component."""

import numpy as np
import pytest

from resay.vectors.eight_bits import from_codes, to_codes


@pytest.fixture
def matrix():
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((200, 30)) * np.exp(generator.normal(0, 6, (200, 1)))
    return rows.astype(np.float32)


def test_no_component_is_off_by_more_than_half_a_step(matrix):
    codes, scales = to_codes(matrix)
    assert codes.dtype == np.int8
    assert np.all(np.abs(matrix - from_codes(codes, scales)) <= 0.5001 * scales[:, None])
    assert np.all(scales <= 1.001 * np.abs(matrix).max(axis=1) / 127)


def test_rounding_twice_changes_nothing(matrix):
    rounded = from_codes(*to_codes(matrix))
    codes, scales = to_codes(rounded)
    assert np.array_equal(from_codes(codes, scales), rounded)


def test_a_scale_times_a_code_is_exact(matrix):
    codes, scales = to_codes(matrix)
    assert np.array_equal(from_codes(codes, scales), codes.astype(np.float64) * scales.astype(np.float64)[:, None])


def test_zeros_stay_zeros():
    zeros = np.zeros((2, 3), np.float32)
    codes, scales = to_codes(zeros)
    assert not scales.any()
    assert np.array_equal(from_codes(codes, scales), zeros)
