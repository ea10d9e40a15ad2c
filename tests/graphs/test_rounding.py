import numpy as np
import pytest

from resay.graphs.rounding import BLOCK, DAMPING, RoundedMatrix, round_rows, round_rows_for


def to_floats(rounded: RoundedMatrix):
    return rounded.scales[:, None].astype(np.float64) * rounded.levels


def correlated_samples(num_columns, seed=0):
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((5, num_columns))
    return np.tanh(rng.standard_normal((200, 5)) @ mixing + 0.1 * rng.standard_normal((200, num_columns)) + 0.3)


def test_every_entry_is_within_half_a_step():
    matrix = np.random.default_rng(0).standard_normal((9, 30)).astype(np.float32) * 10.0 ** np.arange(-4, 5)[:, None]
    matrix = matrix.astype(np.float32)
    rounded = round_rows(matrix)
    assert rounded.levels.dtype == np.int8
    assert (np.abs(to_floats(rounded) - matrix) <= 0.501 * rounded.scales[:, None]).all()
    assert (np.abs(rounded.levels).max(axis=1) == 127).all()


def test_rows_of_zeros_and_of_next_to_nothing():
    matrix = np.array([[0, 0, 0], [1e-45, 0, -1e-45], [3, 0, -3]], np.float32)
    for rounded in (round_rows(matrix), round_rows_for(matrix, np.ones((4, 3), np.float32))):
        assert (rounded.scales > 0).all()
        assert (rounded.levels[0] == 0).all()
        np.testing.assert_allclose(to_floats(rounded), matrix, atol=1e-6)


@pytest.mark.parametrize("num_columns", [1, 7, BLOCK, 2 * BLOCK + 3])
def test_compensated_rounding_in_plain_loops(num_columns):
    """Each later column moves by −e · (M⁻¹)_jk / (M⁻¹)_jj, M being the moments of the columns not rounded yet."""
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((3, num_columns)).astype(np.float32)
    samples = correlated_samples(num_columns)
    moment = samples.T @ samples / len(samples)
    moment += DAMPING * np.trace(moment) / num_columns * np.eye(num_columns)
    scales = np.abs(matrix).max(axis=1) / np.float32(127)
    left = (matrix / scales[:, None]).astype(np.float64)
    expected = np.zeros_like(left)
    for column in range(num_columns):
        inverse = np.linalg.inv(moment[column:, column:])
        expected[:, column] = np.clip(np.rint(left[:, column]), -127, 127)
        error = left[:, column] - expected[:, column]
        left[:, column:] -= np.outer(error, inverse[0] / inverse[0, 0])
    rounded = round_rows_for(matrix, samples)
    np.testing.assert_allclose(rounded.scales, scales, rtol=1e-6)
    # A number in the middle between two levels goes either way.
    assert (rounded.levels == expected).mean() > 0.99


def test_products_with_the_samples_change_less():
    matrix = np.random.default_rng(2).standard_normal((50, 40)).astype(np.float32)
    samples = correlated_samples(40)

    def error(rounded):
        return np.square(samples @ (to_floats(rounded) - matrix).T).mean()

    assert error(round_rows_for(matrix, samples)) < 0.3 * error(round_rows(matrix))


def test_samples_in_no_direction_leave_plain_rounding():
    matrix = np.random.default_rng(3).standard_normal((6, 10)).astype(np.float32)
    for samples in (np.eye(10), np.zeros((4, 10))):
        np.testing.assert_array_equal(round_rows_for(matrix, samples).levels, round_rows(matrix).levels)
