import struct
import sys
import tracemalloc

import numpy as np
import pytest

from resay.errors import MissingExtraError, VectorsError
from resay.vectors import read_vectors, train_fasttext


def test_round_trip_of_words_and_subwords(trained):
    read = read_vectors(trained.model_file)
    assert list(read.words) == list(trained.vectors.words)
    np.testing.assert_array_equal(read.matrix, trained.vectors.matrix)
    for word in ("soup", "soups", "xyzzy"):
        np.testing.assert_array_equal(read.subword(word), trained.vectors.subword(word))
    assert read.subword("soups").dtype == np.float32
    np.testing.assert_array_equal(read.subword("soup"), read["soup"])


def test_only(trained):
    read = read_vectors(trained.model_file, only=["soup", "soups"])
    assert list(read.words) == ["soup"]
    np.testing.assert_array_equal(read["soup"], trained.vectors["soup"])
    assert read.subword("soups").any()


def test_the_bucket_table_is_not_copied(corpus_file, tmp_path):
    train_fasttext(corpus_file, word_vector_size=20, num_epochs=1, num_buckets=100_000, model_file=tmp_path / "m.bin")
    tracemalloc.start()
    try:
        read_vectors(tmp_path / "m.bin")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000 * 20 * 4 / 10


def test_refuses_a_truncated_model(trained, tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(trained.model_file.read_bytes()[:-2000])
    with pytest.raises(VectorsError, match=r"found \d+ bytes; its header .* needs \d+ or more: truncated"):
        read_vectors(path)


def test_refuses_other_binary_files(tmp_path):
    path = tmp_path / "vectors.bin"
    path.write_bytes(b"2 3\nthe " + struct.pack("<3f", 1, 2, 3))
    with pytest.raises(VectorsError, match=r"starts with b'2 3.*word2vec's binary format is not read"):
        read_vectors(path)


def test_refuses_an_unknown_version(trained, tmp_path):
    content = bytearray(trained.model_file.read_bytes())
    content[4:8] = struct.pack("<i", 99)
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(VectorsError, match="fastText cannot load it"):
        read_vectors(tmp_path / "model.bin")


def test_without_the_package(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "fasttext", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'resay\[train\]'"):
        read_vectors(trained.model_file)
