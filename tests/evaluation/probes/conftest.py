"""Systems of which one knows what their vectors hold, and sentences made of made-up words."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pytest

from resay.text import split_words

WORDS = [
    first + second for first in "bdfgklmn" for second in ("am", "el", "io", "ust", "ark", "ep", "ond", "ix", "oat")
]
"""72 words of no language."""


@dataclass
class ToySystem:
    """Makes a vector of each text by a function, and notes what it was asked for."""

    name: str
    vector: object
    asked: list = field(default_factory=list)

    @property
    def sha256(self):
        return hashlib.sha256(self.name.encode()).hexdigest()

    def embed(self, texts):
        self.asked.extend(texts)
        return np.stack([np.asarray(self.vector(text), dtype=np.float32) for text in texts])


@dataclass
class Counts:
    """How often each word stands in a text; words have places in the order in which they come up."""

    size: int = 400
    places: dict = field(default_factory=dict)

    def __call__(self, text):
        vector = np.zeros(self.size)
        for word in split_words(text):
            vector[self.places.setdefault(word, len(self.places))] += 1
        return vector


def noise_of(text, size=24):
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).normal(size=size)


@pytest.fixture
def toy():
    return ToySystem


@pytest.fixture
def word_counts():
    return ToySystem("word counts", Counts())


@pytest.fixture
def constant():
    return ToySystem("constant", lambda text: np.full(5, 0.3))


@pytest.fixture
def hashes():
    return ToySystem("hashes", noise_of)


@pytest.fixture
def noise():
    return noise_of


@pytest.fixture(scope="session")
def sentences():
    """1,500 different sentences of 2 to 14 words of which the first is one of twelve frequent ones."""
    generator = np.random.default_rng(5)
    found = {}
    while len(found) < 1500:
        others = generator.choice(WORDS[12:], size=generator.integers(1, 14)).tolist()
        found[" ".join([WORDS[generator.integers(12)], *others])] = None
    return list(found)
