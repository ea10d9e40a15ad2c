"""A judge that can be worked out by hand, and a text in which some sentences are alike."""

import numpy as np
import pytest

from resay.text import split_words

SUBJECTS = ["the cat", "the dog", "a bird", "my uncle", "her horse"]
VERBS = ["sleeps", "runs", "sings", "waits", "laughs"]
PLACES = ["at home", "in the barn", "by the river", "on a hill", "under the bridge"]


class CountingJudge:
    """Cosine of word counts."""

    name = "word counts fp32"

    def embed(self, texts):
        places = {}
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in split_words(text):
                row[places.setdefault(word, len(places))] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def judge():
    return CountingJudge()


@pytest.fixture
def text(tmp_path):
    lines = [f"{subject} {verb} {place} ." for subject in SUBJECTS for verb in VERBS for place in PLACES]
    path = tmp_path / "text.txt"
    path.write_text(
        "\n".join([*lines[:60], "", *lines[60:], "The cat  sleeps at home", lines[3]]) + "\n", encoding="utf-8"
    )
    return path
