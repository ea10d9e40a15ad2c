import numpy as np
import pytest

from resay.vectors import cached_neighbours, nearest_neighbours, neighbour_cache

MATRIX = np.random.default_rng(3).standard_normal((30, 6)).astype(np.float32)


@pytest.fixture
def num_computed(monkeypatch):
    """Counts the tables that were computed and not read."""
    calls = []

    def counted(matrix, num_neighbours, *, candidates=None, excluded=None):
        calls.append(num_neighbours)
        return nearest_neighbours(matrix, num_neighbours, candidates=candidates, excluded=excluded)

    monkeypatch.setattr(neighbour_cache, "nearest_neighbours", counted)
    return lambda: len(calls)


def assert_table(table, num_neighbours=4, matrix=MATRIX, candidates=None, excluded=None):
    expected = nearest_neighbours(matrix, num_neighbours, candidates=candidates, excluded=excluded)
    np.testing.assert_array_equal(table[0], expected[0])
    np.testing.assert_array_equal(table[1], expected[1])


def test_second_call_reads_the_first_ones_file(tmp_path, num_computed):
    for _ in range(2):
        assert_table(cached_neighbours(MATRIX, 4, tmp_path / "made" / "here"))
    assert num_computed() == 1
    assert len(list((tmp_path / "made" / "here").iterdir())) == 1  # and no temporary file


def test_everything_that_changes_the_table_changes_the_file(tmp_path, num_computed):
    changed = MATRIX.copy()
    changed[3, 3] += 1
    candidates = np.arange(30) % 2 == 0
    for _ in range(2):
        assert_table(cached_neighbours(MATRIX, 4, tmp_path))
        assert_table(cached_neighbours(MATRIX, 5, tmp_path), 5)
        assert_table(cached_neighbours(changed, 4, tmp_path), matrix=changed)
        assert_table(cached_neighbours(MATRIX, 4, tmp_path, candidates=candidates), candidates=candidates)
        assert_table(cached_neighbours(MATRIX, 4, tmp_path, candidates=~candidates), candidates=~candidates)
        reshaped = MATRIX.reshape(60, 3)
        assert_table(cached_neighbours(reshaped, 4, tmp_path), matrix=reshaped)
        for excluded in (np.array([[0, 1], [2, 3]]), np.array([[0, 1], [2, 4]]), np.array([[0, 1]])):
            assert_table(cached_neighbours(MATRIX, 4, tmp_path, excluded=excluded), excluded=excluded)
    assert num_computed() == 9


def test_layout_in_memory_does_not_matter(tmp_path, num_computed):
    cached_neighbours(MATRIX, 4, tmp_path)
    assert_table(cached_neighbours(np.asfortranarray(MATRIX), 4, tmp_path))
    assert num_computed() == 1


def ids_out_of_range(path):
    ids, similarities = nearest_neighbours(MATRIX, 4)
    ids[0, 1] = 30
    np.savez(path, ids=ids, similarities=similarities)


def one_byte_changed(path):
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(content)


def test_the_order_of_excluded_pairs_does_not_matter(tmp_path, num_computed):
    nothing = np.empty((0, 2), dtype=np.int64)
    for excluded in (np.array([[0, 1], [5, 2]]), np.array([[2, 5], [1, 0], [0, 1]]), None, nothing):
        assert_table(cached_neighbours(MATRIX, 4, tmp_path, excluded=excluded), excluded=excluded)
    assert num_computed() == 2


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "one byte": one_byte_changed,
    "no zip": lambda path: path.write_text("nothing of use", encoding="utf-8"),
    "other arrays": lambda path: np.savez(path, words=np.array(["a"])),
    "other shape": lambda path: np.savez(path, ids=np.zeros((30, 3), np.int64), similarities=MATRIX[:, :3]),
    "other type": lambda path: np.savez(path, ids=MATRIX[:, :4], similarities=MATRIX[:, :4]),
    "ids out of range": ids_out_of_range,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_made_again(tmp_path, num_computed, damage):
    cached_neighbours(MATRIX, 4, tmp_path)
    (path,) = tmp_path.iterdir()
    sound = path.read_bytes()
    DAMAGES[damage](path)
    assert_table(cached_neighbours(MATRIX, 4, tmp_path))
    assert num_computed() == 2
    assert path.read_bytes() == sound
