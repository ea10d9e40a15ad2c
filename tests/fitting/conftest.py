"""A corpus small enough to train on in a second."""

import itertools

import pytest

SUBJECTS = ("the soup", "the pasta", "our waiter", "this room")
VERBS = ("was", "seemed", "is")
JUDGEMENTS = ("good", "great", "awful", "bad", "lovely")


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """Sixty distinct sentences, five times over."""
    sentences = [" ".join(words) + " ." for words in itertools.product(SUBJECTS, VERBS, JUDGEMENTS)]
    file = tmp_path_factory.mktemp("reviews") / "reviews.txt"
    file.write_text("\n".join(sentences * 5) + "\n")
    return file


@pytest.fixture(scope="session")
def few_reviews(tmp_path_factory):
    """Sixteen distinct sentences, of five and six words."""
    sentences = [" ".join(words) + " ." for words in itertools.product(SUBJECTS, VERBS[:2], ("good", "very bad"))]
    file = tmp_path_factory.mktemp("few") / "few.txt"
    file.write_text("\n".join(sentences) + "\n")
    return file


@pytest.fixture(scope="session")
def vectors(tmp_path_factory):
    """Eight-dimensional vectors in which the words of a pair are alike."""
    import numpy as np

    generator = np.random.default_rng(0)
    words = sorted({word for phrase in SUBJECTS + VERBS + JUDGEMENTS for word in phrase.split()})
    base = generator.standard_normal((len(words) // 2 + 1, 8))
    rows = [base[index // 2] + 0.3 * generator.standard_normal(8) for index in range(len(words))]
    file = tmp_path_factory.mktemp("vectors") / "vectors.npz"
    np.savez(file, words=np.array(words), vectors=np.array(rows, np.float32))
    return file
