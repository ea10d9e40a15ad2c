"""Word vectors, a text and graded pairs, small and made up."""

import gzip
import json

import numpy as np
import pytest

from resay.evaluation.embeddings import Ingredients
from resay.evaluation.similarity.graded_pairs import GradedPairs, sha256_of
from resay.vectors import WordVectors

SUBJECTS = ["the soup", "the waiter", "our room", "a guitar", "the soups"]
VERBS = ["was", "seemed", "is"]
ENDS = ["good .", "great !", "cold", "12 times cold .", "zzyzx"]
LINES = [f"{subject} {verb} {end}" for subject in SUBJECTS for verb in VERBS for end in ENDS]
WORDS = ["the", "was", "seem", "soup", "waiter", "room", "guitar", "good", "great", "cold", "time", "our", "rare", "12"]
LEMMAS = {"soups": "soup", "times": "time", "seemed": "seem", "is": "be"}
SIZE = 8


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "vectors.npz"
    matrix = np.random.default_rng(0).standard_normal((len(WORDS), SIZE)).astype(np.float32)
    WordVectors(WORDS, matrix).save_npz(path)
    return path


@pytest.fixture
def lemmas(tmp_path):
    path = tmp_path / "lemmas.json.gz"
    path.write_bytes(gzip.compress(json.dumps(LEMMAS).encode(), mtime=0))
    return path


@pytest.fixture
def ingredients(vectors, text, lemmas):
    return Ingredients(vectors, [text], lemmas=lemmas)


@pytest.fixture
def pairs_file(tmp_path, text):
    """A function that writes graded pairs of the text."""

    def make(seed=0, num_pairs=40):
        generator = np.random.default_rng(seed)
        lines = generator.integers(len(LINES), size=(num_pairs, 2))
        shared = [len({*LINES[a].split()} & {*LINES[b].split()}) for a, b in lines.tolist()]
        grades = np.array(shared) / 10 + generator.random(num_pairs) / 20
        pairs = GradedPairs(
            sentences=tuple((LINES[a], LINES[b]) for a, b in lines.tolist()),
            lines=lines,
            grades=grades,
            sources=("drawn",) * num_pairs,
            text_sha256=sha256_of(text),
            judge="shared words",
            seed=seed,
        )
        path = tmp_path / f"pairs-{seed}.json"
        pairs.save(path)
        return path

    return make
