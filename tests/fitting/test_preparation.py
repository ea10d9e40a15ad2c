"""Word vectors on their way into a run."""

import numpy as np
import pytest

from resay.fitting import TrainSettings
from resay.fitting.preparation import TrainingFiles, open_prepared, prepare, scaled


def directions(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.fixture
def matrix():
    return np.random.default_rng(0).standard_normal((30, 8)).astype(np.float32)


def test_scaled_vectors_have_the_mean_length_and_keep_their_directions(matrix):
    longer = scaled(matrix, 6.0)
    assert longer.dtype == np.float32
    assert float(np.linalg.norm(longer, axis=1).mean()) == pytest.approx(6.0, rel=1e-5)
    np.testing.assert_allclose(directions(longer), directions(matrix), rtol=0, atol=1e-6)
    np.testing.assert_allclose(longer / matrix, np.full_like(matrix, (longer / matrix)[0, 0]), rtol=1e-5)


def test_vectors_are_left_alone_unless_asked(matrix):
    assert scaled(matrix, 0.0) is matrix
    zeros = np.zeros_like(matrix)
    assert np.array_equal(scaled(zeros, 6.0), zeros)


def test_a_run_keeps_the_scaled_vectors(few_reviews, vectors, tmp_path):
    files = TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=vectors)
    found = {}
    for name, norm in {"plain": 0.0, "scaled": 6.0}.items():
        (tmp_path / name).mkdir()
        settings = TrainSettings(min_count=1, hidden_size=4, word_vector_norm=norm, word_vector_bits=32)
        record = prepare(files, tmp_path / name, settings)
        found[name] = (open_prepared(tmp_path / name, record).word_vectors, record["vectors"]["sha256"])
    assert float(np.linalg.norm(found["scaled"][0], axis=1).mean()) == pytest.approx(6.0, rel=1e-5)
    assert float(np.linalg.norm(found["plain"][0], axis=1).mean()) != pytest.approx(6.0, rel=0.1)
    assert found["plain"][1] != found["scaled"][1]
