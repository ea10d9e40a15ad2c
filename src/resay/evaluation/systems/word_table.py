"""The vectors of words in texts, for systems that pool them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.sources import Sources
from resay.fitting.preparation import read_lemmas
from resay.text import split_words
from resay.text.words import has_letter_or_digit
from resay.vectors import WordVectors, read_vectors
from resay.vectors.alignment import random_direction

VERSION = "words 1"
"""Counts up when the same files give other vectors."""


class WordTable:
    """A vector for every word, in this order: its own, its lemma's, one from its subwords, a random direction.

    The order is that of `resay.vectors.align`; but a lemma's vector is taken as it is, where a decoder's words must
    differ, and no word depends on which others are asked for. A random direction, as long as the median vector, makes
    a name that stands in both sentences of a pair count: STS-B agrees better with it than without. Punctuation is left
    out.

    Args:
        vectors: File of word vectors.
        lemmas: File of base forms; None: not used.
        seed: Of random directions.

    Raises:
        VectorsError: If a file cannot be read.
    """

    def __init__(self, vectors: Path, lemmas: Path | None, seed: int) -> None:
        self._vectors: WordVectors = read_vectors(vectors)
        self._lemmas: Mapping[str, str] = read_lemmas(lemmas) or {}
        self._seed = seed
        self.sha256 = digest_of([VERSION, str(seed), vectors, *([lemmas] if lemmas else [])])

    @classmethod
    def of(cls, sources: Sources, name: str) -> "WordTable":
        """Read the files of a baseline.

        Raises:
            SettingsError: If there are no word vectors.
            VectorsError: If a file cannot be read.
        """
        return cls(sources.needed_vectors(name), sources.lemmas, sources.seed)

    @property
    def size(self) -> int:
        """Return E, the components of a vector."""
        return self._vectors.word_vector_size

    @cached_property
    def _length(self) -> float:
        return float(np.median(np.linalg.norm(self._vectors.matrix, axis=1)))

    def __getitem__(self, word: str) -> Float32[ndarray, " E"]:
        """Return a word's vector."""
        for form in (word, self._lemmas.get(word)):
            row = None if form is None else self._vectors.index.get(form)
            if row is not None and self._vectors.matrix[row].any():
                found: ndarray = self._vectors.matrix[row]
                return found
        if self._vectors.subword is not None:
            made: ndarray = self._vectors.subword(word)
            if made.any():
                return made
        direction: ndarray = self._length * random_direction(word, self.size, seed=self._seed)
        return direction.astype(np.float32)

    def look_up(self, texts: Sequence[str]) -> "WordsOfTexts":
        """Return the words of texts and their vectors."""
        places: dict[str, int] = {}
        rows = [
            [places.setdefault(word, len(places)) for word in split_words(text) if has_letter_or_digit(word)]
            for text in texts
        ]
        matrix = np.stack([self[word] for word in places]) if places else np.empty((0, self.size), np.float32)
        return WordsOfTexts(tuple(places), matrix, rows)


class WordsOfTexts:
    """Distinct words W of N texts.

    Attributes:
        words: Each once.
        matrix: Their vectors.
        rows: For each text, the places of its words among them.
    """

    def __init__(self, words: tuple[str, ...], matrix: Float32[ndarray, "W E"], rows: Sequence[Sequence[int]]) -> None:
        self.words = words
        self.matrix = matrix
        self.rows = rows

    def flat(self) -> tuple[Int64[ndarray, " T"], Int64[ndarray, " M"], Int64[ndarray, " M"]]:
        """Return the places of all words, text after text; which texts have any; where each of those begins."""
        lengths = np.array([len(row) for row in self.rows], np.int64)
        filled = np.flatnonzero(lengths)
        starts = np.concatenate([[0], np.cumsum(lengths[filled])[:-1]]).astype(np.int64)[: len(filled)]
        places = np.fromiter((place for row in self.rows for place in row), np.int64, int(lengths.sum()))
        return places, filled, starts
