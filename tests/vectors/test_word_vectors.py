import numpy as np
import pytest

from resay.errors import VectorsError
from resay.vectors import WordVectors, read_vectors
from resay.vectors.atomic_file import atomic_file


@pytest.fixture
def vectors():
    return WordVectors(["one", "zwei", "trois été"], np.arange(6, dtype=np.float32).reshape(3, 2) / 7)


def test_lookup(vectors):
    assert len(vectors) == 3
    assert vectors.word_vector_size == 2
    assert "zwei" in vectors
    assert "drei" not in vectors
    np.testing.assert_array_equal(vectors["zwei"], vectors.matrix[1])


def test_refuses_words_without_rows():
    with pytest.raises(VectorsError, match="1 words but 2 rows"):
        WordVectors(["one"], np.zeros((2, 3), dtype=np.float32))


def test_npz_round_trip_is_exact_and_repeatable(vectors, tmp_path):
    vectors.save_npz(tmp_path / "first.npz")
    vectors.save_npz(tmp_path / "second.npz")
    read = read_vectors(tmp_path / "first.npz")
    assert list(read.words) == list(vectors.words)
    assert read.matrix.dtype == np.float32
    np.testing.assert_array_equal(read.matrix, vectors.matrix)
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_half_precision(vectors, tmp_path):
    vectors.save_npz(tmp_path / "half.npz", half=True)
    read = read_vectors(tmp_path / "half.npz")
    assert read.matrix.dtype == np.float32
    np.testing.assert_array_equal(read.matrix, vectors.matrix.astype(np.float16).astype(np.float32))


def test_half_precision_refuses_what_does_not_fit(tmp_path):
    vectors = WordVectors(["big"], np.full((1, 2), 1e5, dtype=np.float32))
    with pytest.raises(VectorsError, match="65504"):
        vectors.save_npz(tmp_path / "half.npz", half=True)
    assert not list(tmp_path.iterdir())


def test_save_refuses_other_extensions(vectors, tmp_path):
    with pytest.raises(VectorsError, match=r"ends in \.npz"):
        vectors.save_npz(tmp_path / "vectors.vec")


def _write_half_and_fail(path):
    with atomic_file(path) as temporary:
        temporary.write_text("half of the new", encoding="utf-8")
        raise RuntimeError("disk full")


def test_atomic_file_keeps_the_old_content_on_error(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError, match="disk full"):
        _write_half_and_fail(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
