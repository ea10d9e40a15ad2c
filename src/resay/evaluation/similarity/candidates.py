"""Where pairs of sentences come from: sources that between them favour no system under test.

Pairs at random are mostly unlike. Those that share rare words look alike to whatever compares words, and are alike
only sometimes. The judge's own neighbours are alike also without a word in common.

Axes: N sentences, P pairs, D the judge's dimensions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.errors import MissingExtraError
from resay.evaluation.paraphrase.wording import words_of

NUM_NEIGHBOURS = 10
"""Candidates that each sentence has from each source."""
CHUNK = 1024

Pairs = Int64[ndarray, "P 2"]


@dataclass(frozen=True, slots=True)
class Sentences:
    """What candidates are made from.

    Attributes:
        texts: The sentences, no two alike.
        vectors: The judge's, of length 1.
        seed: Decides what is random.
    """

    texts: Sequence[str]
    vectors: Float32[ndarray, "N D"]
    seed: int


def random_pairs(sentences: Sentences) -> Pairs:
    """Return as many pairs at random as the other sources have."""
    generator = np.random.default_rng(sentences.seed)
    return generator.integers(len(sentences.texts), size=(NUM_NEIGHBOURS * len(sentences.texts), 2))


def word_pairs(sentences: Sentences) -> Pairs:
    """Return each sentence with those that share its rare words: highest cosine of word counts × log(N / n_word).

    Raises:
        MissingExtraError: If scipy is not installed.
    """
    weights = _word_weights(sentences.texts)

    def likeness(start: int, end: int) -> Float32[ndarray, "B N"]:
        rows: Float32[ndarray, "B N"] = (weights[start:end] @ weights.T).toarray()
        return rows

    return _neighbours(len(sentences.texts), likeness)


def judge_pairs(sentences: Sentences) -> Pairs:
    """Return each sentence with those that the judge finds nearest."""
    vectors = sentences.vectors

    def likeness(start: int, end: int) -> Float32[ndarray, "B N"]:
        rows: Float32[ndarray, "B N"] = vectors[start:end] @ vectors.T
        return rows

    return _neighbours(len(vectors), likeness)


Source = Callable[[Sentences], Pairs]
SOURCES: Mapping[str, Source] = MappingProxyType({"random": random_pairs, "words": word_pairs, "judge": judge_pairs})


def _neighbours(size: int, likeness: Callable[[int, int], Float32[ndarray, "B N"]]) -> Pairs:
    """Return each sentence with its nearest others; of equally near ones, those that come first."""
    found = []
    number = min(NUM_NEIGHBOURS, size - 1)
    for start in range(0, size, CHUNK):
        rows = likeness(start, min(start + CHUNK, size))
        own = np.arange(len(rows))
        rows[own, start + own] = -np.inf
        nearest = np.argsort(-rows, axis=1, kind="stable")[:, :number]
        found.append(np.stack([np.repeat(start + own, number), nearest.ravel()], axis=1))
    return np.concatenate(found)


def _word_weights(texts: Sequence[str]) -> Any:  # noqa: ANN401  a sparse matrix of an optional package
    """Return word counts × log(N / n_word) as sparse rows of length 1."""
    try:
        from scipy import sparse
    except ImportError:
        raise MissingExtraError(
            "pairs that share words need scipy, not installed here; run: pip install 'resay[evaluation]'"
        ) from None
    words: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        for word in words_of(text):
            rows.append(row)
            columns.append(words.setdefault(word, len(words)))
    shape = (len(texts), len(words))
    counts = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    counts.sum_duplicates()
    num_texts = np.bincount(counts.indices, minlength=len(words))
    counts.data *= np.log(len(texts) / num_texts)[counts.indices].astype(np.float32)
    lengths = np.maximum(np.sqrt(counts.multiply(counts).sum(axis=1)), 1e-12)
    return sparse.csr_array(sparse.diags_array((1 / lengths).astype(np.float32)) @ counts)
