import subprocess
import sys

import numpy as np
import pytest

from resay.errors import SettingsError, VectorsError
from resay.vectors import train_fasttext


def test_words_and_rows(trained):
    words = set(trained.vectors.words)
    assert {"soup", "happily", "the"} <= words
    assert "once" not in words  # seen once, min_count is 2
    assert trained.vectors.matrix.shape == (len(words), 12)
    assert np.isfinite(trained.vectors.matrix).all()


def test_every_row_is_initialised_without_subwords(corpus_file):
    vectors = train_fasttext(corpus_file, word_vector_size=10, num_epochs=1, min_count=1, max_subword=0)
    assert vectors.subword is None
    assert "once" in vectors
    lengths = np.linalg.norm(vectors.matrix, axis=1)
    assert lengths.min() > 1e-3
    assert lengths.max() < 10


def test_seed_reaches_fasttext(corpus_file):
    def train(seed):
        # So small a learning rate leaves the initial weights, which depend on the seed alone.
        return train_fasttext(
            corpus_file, word_vector_size=8, num_epochs=1, num_buckets=50, learning_rate=1e-9, seed=seed
        ).matrix

    first = train(1)
    np.testing.assert_allclose(train(1), first, atol=1e-6)
    assert np.abs(train(2) - first).max() > 1e-3


def test_training_brings_words_of_like_contexts_together(tmp_path):
    generator = np.random.default_rng(0)
    # Many words, since fastText drops most occurrences of words as frequent as 1 in 100.
    topics = [f"{letter}{number}" for letter in "xy" for number in range(100)]
    sentences = [
        " ".join(generator.choice(topics[:100] if sentence % 2 else topics[100:], size=10)) for sentence in range(2000)
    ]
    (tmp_path / "corpus.txt").write_text("\n".join(sentences), encoding="utf-8")
    vectors = train_fasttext(
        tmp_path / "corpus.txt", word_vector_size=16, num_epochs=10, learning_rate=0.2, max_subword=0
    )
    unit = np.stack([vectors[word] / np.linalg.norm(vectors[word]) for word in topics])
    cosines = unit @ unit.T
    assert cosines[:100, :100].mean() > cosines[:100, 100:].mean() + 0.2


def test_it_is_silent(corpus_file, capfd):
    train_fasttext(corpus_file, word_vector_size=4, num_epochs=1, num_buckets=10)
    assert capfd.readouterr() == ("", "")


def test_refuses_an_absent_or_unfit_corpus(tmp_path):
    with pytest.raises(VectorsError, match="no such file"):
        train_fasttext(tmp_path / "absent.txt")
    (tmp_path / "rare.txt").write_text("each word once\n", encoding="utf-8")
    with pytest.raises(VectorsError, match=r"rare\.txt: fastText cannot train on it .* words seen 9 times"):
        train_fasttext(tmp_path / "rare.txt", min_count=9)


def test_refuses_a_model_file_of_another_name(corpus_file, tmp_path):
    with pytest.raises(VectorsError, match=r"ends in \.bin"):
        train_fasttext(corpus_file, model_file=tmp_path / "model.vec")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"word_vector_size": 0}, "word_vector_size must be 1 or more, got 0"),
        ({"num_epochs": 0}, "num_epochs"),
        ({"min_count": 0}, "min_count"),
        ({"num_buckets": 0}, "num_buckets"),
        ({"window": 0}, "window"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"min_subword": 7}, "got 7 and 6"),
        ({"min_subword": 0}, "got 0 and 6"),
    ],
)
def test_refuses_settings_out_of_range(corpus_file, settings, message):
    with pytest.raises(SettingsError, match=message):
        train_fasttext(corpus_file, **settings)


def test_importing_the_library_does_not_import_fasttext():
    code = "import sys, resay.vectors; sys.exit('fasttext' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
