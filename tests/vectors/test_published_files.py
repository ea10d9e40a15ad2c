"""Excerpts of published vector files, where the research data lies beside the checkout (or in RESAY_DATA)."""

import os
from pathlib import Path

import numpy as np
import pytest

from resay.vectors import align, nearest_neighbours, read_vectors

DATA = Path(os.environ.get("RESAY_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
FOLDER = DATA / "vectors"
pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no folder {FOLDER}")]


@pytest.mark.parametrize(
    ("name", "num_words"),
    [
        ("fasttext_wiki-news-300d-1M.first999.vec.gz", 999),
        ("glove.6B.300d.subset2251.vec.gz", 2251),
        ("glove.840B.300d.subset2011.vec.gz", 2011),
        ("numberbatch_en_300d_41k.fp16.npz", 41353),
    ],
)
def test_whole_files(name, num_words):
    vectors = read_vectors(FOLDER / name)
    assert vectors.matrix.shape == (num_words, 300)
    assert vectors.num_duplicates == 0
    assert np.linalg.norm(vectors.matrix, axis=1).min() > 0.1


def test_known_values():
    vectors = read_vectors(FOLDER / "fasttext_wiki-news-300d-1M.first999.vec.gz", only={"the"})
    np.testing.assert_allclose(vectors["the"][:3], [0.0897, 0.0160, -0.0571], atol=1e-7)


def test_neighbours_are_like_words():
    vocabulary = ["<unk>", "good", "great", "car", "truck", "quickly", "rapidly", "zzyzx"]
    vectors = read_vectors(FOLDER / "numberbatch_en_300d_41k.fp16.npz", only=vocabulary)
    aligned = align(vectors, vocabulary, seed=0)
    assert (aligned.num_exact, aligned.num_random) == (6, 2)
    ids, similarities = nearest_neighbours(aligned.matrix, 2, candidates=aligned.has_vector)
    assert ids[1:7, 1].tolist() == [2, 1, 4, 3, 6, 5]
    assert similarities[1:7, 1].min() > 0.2
