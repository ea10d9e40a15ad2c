from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from resay.vectors import WordVectors, train_fasttext


class Trained(NamedTuple):
    vectors: WordVectors
    model_file: Path


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory):
    """Sentences of random words: enough for fastText to count, nothing to learn."""
    generator = np.random.default_rng(5)
    words = [
        "the",
        "waiter",
        "brought",
        "soup",
        "bread",
        "quickly",
        "and",
        "we",
        "left",
        "happily",
        "our",
        "table",
    ]
    path = tmp_path_factory.mktemp("corpus") / "sentences.txt"
    lines = (" ".join(generator.choice(words, size=8)) for _ in range(200))
    path.write_text("\n".join(lines) + "\nonce\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(corpus_file, tmp_path_factory):
    """A fastText model with subwords, and the file it was saved to."""
    model_file = tmp_path_factory.mktemp("model") / "model.bin"
    vectors = train_fasttext(
        corpus_file, word_vector_size=12, num_epochs=2, num_buckets=500, seed=3, model_file=model_file
    )
    return Trained(vectors, model_file)
