"""Published corpora, already split by their authors, beside our words for them."""

import gzip
import os
import re
from pathlib import Path

import pytest

from resay.text import split_words

DATA = Path(os.environ.get("RESAY_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
FILES = sorted((DATA / "yelp").glob("*.gz"))
LINES_PER_FILE = 2000

# Where the authors' splitter lags behind: a full stop or dash left on its word, numbers with marks inside.
_LEFT_ON = re.compile(r"^(-*[a-z']+[-.]|\.?-[a-z]+|[a-z]+\.[a-z]+)$")
_NUMBER = re.compile(r"^\d+([.,:/-]\d+)*$")


def _expected(word: str) -> list[str]:
    if word in {"``", "''"}:
        return ['"']
    if _NUMBER.match(word):
        return ["_num_"]
    return split_words(word) if _LEFT_ON.match(word) else [word]


@pytest.mark.real_data
@pytest.mark.skipif(not FILES, reason="no published corpora here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_published_splits_are_kept(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [line for line, _ in zip(file, range(LINES_PER_FILE), strict=False)]
    expected = [[part for word in line.split() for part in _expected(word)] for line in lines]
    unquoted = [line.replace("``", '"').replace("''", '"').split() for line in lines]
    split = [split_words(line) for line in lines]
    assert _share_equal(split, unquoted) >= 0.99
    assert _share_equal(split, expected) >= 0.999


def _share_equal(split: list[list[str]], expected: list[list[str]]) -> float:
    return sum(map(list.__eq__, split, expected)) / len(split)
