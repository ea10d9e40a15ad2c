import numpy as np
import pytest

from resay.errors import VectorsError
from resay.vectors import read_vectors

WORDS = np.array(["red", "green", "blue"])
VECTORS = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_reads_both_precisions(tmp_path, dtype):
    np.savez(tmp_path / "vectors.npz", words=WORDS, vectors=VECTORS.astype(dtype))
    vectors = read_vectors(tmp_path / "vectors.npz")
    assert list(vectors.words) == ["red", "green", "blue"]
    assert all(type(word) is str for word in vectors.words)
    assert vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(vectors.matrix, VECTORS)


def test_compressed_only_and_duplicates(tmp_path):
    words = np.array(["red", "green", "red", "blue"])
    np.savez_compressed(tmp_path / "vectors.npz", words=words, vectors=np.eye(4, 2, dtype=np.float32) + 1)
    vectors = read_vectors(tmp_path / "vectors.npz", only={"blue", "red", "grey"})
    assert list(vectors.words) == ["red", "blue"]
    np.testing.assert_array_equal(vectors.matrix, [[2, 1], [1, 1]])
    assert vectors.num_duplicates == 1


BAD_ARRAYS = {
    "names": (
        {"tokens": WORDS, "vectors": VECTORS},
        r"found arrays \['tokens', 'vectors'\]; expected an array `words`",
    ),
    "objects": ({"words": WORDS.astype(object), "vectors": VECTORS}, "cannot be read .*pickle"),
    "bytes": ({"words": WORDS.astype("S"), "vectors": VECTORS}, "found `words` of .S5"),
    "integers": ({"words": WORDS, "vectors": VECTORS.astype(np.int64)}, "`vectors` of int64"),
    "lengths": ({"words": WORDS[:2], "vectors": VECTORS}, r"shape \[2\] and `vectors` of shape \[3, 2\]"),
    "axes": ({"words": WORDS, "vectors": VECTORS[:, 0]}, r"`vectors` of shape \[3\]"),
    "empty": ({"words": WORDS[:0], "vectors": VECTORS[:0]}, "the file is empty"),
    "nan": (
        {"words": WORDS, "vectors": np.where(VECTORS == 3, np.nan, VECTORS)},
        "row 1: found NaN.*'green'",
    ),
    "infinite": (
        {"words": WORDS, "vectors": np.where(VECTORS > 3, [np.inf, -np.inf], VECTORS)},
        "row 2: .*'blue'",
    ),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_refuses(tmp_path, name):
    arrays, message = BAD_ARRAYS[name]
    arrays = {key: value.astype(np.float32) if value.dtype == np.float64 else value for key, value in arrays.items()}
    np.savez(tmp_path / "vectors.npz", **arrays)
    with pytest.raises(VectorsError, match=message) as caught:
        read_vectors(tmp_path / "vectors.npz")
    assert str(tmp_path / "vectors.npz") in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no zip at all", "truncated"])
def test_refuses_damaged_files(tmp_path, content):
    path = tmp_path / "vectors.npz"
    np.savez(path, words=WORDS, vectors=VECTORS)
    path.write_bytes(path.read_bytes()[:-40] if content == "truncated" else content)
    with pytest.raises(VectorsError, match="cannot be read"):
        read_vectors(path)


def test_refuses_damaged_bytes(tmp_path):
    path = tmp_path / "vectors.npz"
    np.savez(path, words=WORDS, vectors=np.full((3, 2), 1.5, dtype=np.float32))
    content = path.read_bytes()
    at = content.index(np.float32(1.5).tobytes())
    path.write_bytes(content[:at] + b"\x01" + content[at + 1 :])
    with pytest.raises(VectorsError, match="CRC"):
        read_vectors(path)
