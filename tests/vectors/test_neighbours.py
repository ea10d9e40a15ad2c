import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resay.errors import SettingsError, ShapeError
from resay.vectors import nearest_neighbours


def brute_force(matrix, num_neighbours, candidates=None, excluded=()):
    """The definition, pair by pair in float64."""
    vectors = matrix.astype(np.float64)
    lengths = [np.sqrt((vector * vector).sum()) for vector in vectors]
    num_rows = len(vectors)
    apart = {frozenset(pair) for pair in np.asarray(excluded).tolist()}
    all_ids, all_similarities = [], []
    for i in range(num_rows):
        others = []
        for j in range(num_rows):
            if i != j and {i, j} not in apart and lengths[i] and lengths[j] and (candidates is None or candidates[j]):
                cosine = (vectors[i] * vectors[j]).sum() / (lengths[i] * lengths[j])
                others.append((-np.float32(min(max(cosine, -1), 1)), j))
        best = sorted(others)[: num_neighbours - 1]
        fill = num_neighbours - 1 - len(best)
        all_ids.append([i] + [j for _, j in best] + [i] * fill)
        all_similarities.append([1.0] + [-negative for negative, _ in best] + [0.0] * fill)
    return np.array(all_ids, dtype=np.int64), np.array(all_similarities, dtype=np.float32)


@st.composite
def problems(draw):
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 5)))
    # Multiples of 1/8 up to 2: sums of products are exact, so ties and equal rows are ties in both programs.
    largest = draw(st.sampled_from([1, 2, 16]))
    matrix = draw(arrays(np.int64, shape, elements=st.integers(-largest, largest))) / np.float32(8)
    num_neighbours = draw(st.integers(1, shape[0]))
    candidates = draw(st.none() | arrays(np.bool_, shape[0]))
    ids = st.integers(0, shape[0] - 1)
    excluded = draw(st.none() | arrays(np.int64, st.tuples(st.integers(0, 40), st.just(2)), elements=ids))
    return matrix.astype(np.float32), num_neighbours, candidates, excluded, draw(st.integers(1, 30))


@settings(max_examples=300, deadline=None)
@given(problems())
def test_equals_the_definition(problem):
    matrix, num_neighbours, candidates, excluded, block_rows = problem
    found = nearest_neighbours(matrix, num_neighbours, block_rows=block_rows, candidates=candidates, excluded=excluded)
    expected = brute_force(matrix, num_neighbours, candidates, () if excluded is None else excluded)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
    assert (found[0].dtype, found[1].dtype) == (np.int64, np.float32)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_equals_the_definition_on_many_dimensions(scale):
    matrix = np.random.default_rng(0).standard_normal((150, 60)).astype(np.float32) * np.float32(scale)
    found = nearest_neighbours(matrix, 12, block_rows=37)
    expected = brute_force(matrix, 12)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=2e-7)


def test_block_rows_do_not_change_a_bit():
    generator = np.random.default_rng(1)
    matrix = generator.standard_normal((300, 40)).astype(np.float32)
    # Nearly equal rows: the order of their neighbours hangs on the last bits of each similarity.
    matrix[100:200] = matrix[:100] + generator.standard_normal((100, 40)).astype(np.float32) * 1e-6
    matrix[200:250] = matrix[:50]
    reference = nearest_neighbours(matrix, 9, block_rows=300)
    for block_rows in (1, 2, 7, 64, 1000):
        found = nearest_neighbours(matrix, 9, block_rows=block_rows)
        np.testing.assert_array_equal(found[0], reference[0])
        np.testing.assert_array_equal(found[1], reference[1])


def test_self_is_first_among_equals_and_equals_go_by_id():
    matrix = np.tile(np.array([[0.1, 0.7, -0.3]], dtype=np.float32), (6, 1))
    ids, similarities = nearest_neighbours(matrix, 4)
    assert ids.tolist() == [
        [0, 1, 2, 3],
        [1, 0, 2, 3],
        [2, 0, 1, 3],
        [3, 0, 1, 2],
        [4, 0, 1, 2],
        [5, 0, 1, 2],
    ]
    np.testing.assert_array_equal(similarities, np.ones((6, 4), dtype=np.float32))


def test_rows_of_zeros_have_themselves_alone_and_are_nobodys_neighbour():
    matrix = np.array([[1, 0], [0, 0], [-1, 0]], dtype=np.float32)
    ids, similarities = nearest_neighbours(matrix, 3)
    assert ids.tolist() == [[0, 2, 0], [1, 1, 1], [2, 0, 2]]
    assert similarities.tolist() == [[1, -1, 0], [1, 0, 0], [1, -1, 0]]


def test_candidates_limit_others_but_not_the_row_itself():
    matrix = np.array([[1, 0], [1, 0.1], [1, 0.2]], dtype=np.float32)
    ids, similarities = nearest_neighbours(matrix, 2, candidates=np.array([False, False, True]))
    assert ids.tolist() == [[0, 2], [1, 2], [2, 2]]
    assert similarities[2].tolist() == [1, 0]


def test_excluded_pairs_are_no_neighbours_either_way_and_the_next_move_up():
    matrix = np.array([[1, 0], [1, 0.1], [1, 0.2], [1, 0.3]], dtype=np.float32)
    ids, _ = nearest_neighbours(matrix, 3, excluded=np.array([[1, 0], [3, 3], [0, 1]]))
    assert ids.tolist() == [[0, 2, 3], [1, 2, 3], [2, 3, 1], [3, 2, 1]]
    alone = nearest_neighbours(matrix, 3, excluded=np.array([[0, 1], [0, 2], [0, 3]]))
    assert (alone[0][0].tolist(), alone[1][0].tolist()) == ([0, 0, 0], [1, 0, 0])
    nothing = nearest_neighbours(matrix, 3, excluded=np.empty((0, 2), dtype=np.int64))
    np.testing.assert_array_equal(nothing[1], nearest_neighbours(matrix, 3)[1])


def test_never_holds_all_pairs():
    num_rows, block_rows = 20_000, 100
    matrix = np.random.default_rng(2).standard_normal((num_rows, 8)).astype(np.float32)
    tracemalloc.start()
    try:
        excluded = np.arange(num_rows).reshape(-1, 2)
        ids, _ = nearest_neighbours(matrix, 3, block_rows=block_rows, excluded=excluded)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * (4 * block_rows * num_rows)  # all pairs would be 50 times this
    np.testing.assert_array_equal(ids[:, 0], np.arange(num_rows))


@pytest.mark.parametrize("num_neighbours", [0, 4, -1])
def test_refuses_more_neighbours_than_rows(num_neighbours):
    with pytest.raises(SettingsError, match=f"must be 1 to 3, the number of rows; got {num_neighbours}"):
        nearest_neighbours(np.ones((3, 2), dtype=np.float32), num_neighbours)


def test_refuses_bad_arguments():
    matrix = np.ones((3, 2), dtype=np.float32)
    with pytest.raises(SettingsError, match="block_rows must be 1 or more, got 0"):
        nearest_neighbours(matrix, 1, block_rows=0)
    with pytest.raises(ShapeError, match="excluded must name rows 0 to 2; got 1 to 3"):
        nearest_neighbours(matrix, 2, excluded=np.array([[1, 3]]))
    matrix[1] = np.nan
    with pytest.raises(ShapeError, match="row 1 of the matrix holds NaN"):
        nearest_neighbours(matrix, 1)
