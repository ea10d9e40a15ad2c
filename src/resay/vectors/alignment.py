"""One row per word of a vocabulary, whatever the vectors' source has for it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from resay.errors import VectorsError
from resay.text import SPECIAL_WORDS
from resay.vectors.word_vectors import WordVectors

LEMMA_SHARE, OWN_SHARE = 0.8, 0.6
"""Squares add up to 1, so that a row made of both is about as long as the others."""


@dataclass(frozen=True)
class AlignedVectors:
    """A vocabulary's matrix and where its rows came from.

    Attributes:
        matrix: One row per word of the vocabulary.
        has_vector: False where the row is random, or near its lemma's.
        num_exact: Rows found under the word itself.
        num_lemma: Rows near the vector of the word's lemma.
        num_subword: Rows made from character n-grams.
        num_random: Random rows, those of special words included; the four counts add up to V.
        num_special: Random rows that belong to special words.
    """

    matrix: Float32[np.ndarray, "V E"]
    has_vector: Bool[np.ndarray, " V"]
    num_exact: int
    num_subword: int
    num_random: int
    num_lemma: int = 0
    num_special: int = 0

    def summary(self) -> str:
        """Return one line of counts for a log."""
        num_words, size = self.matrix.shape
        parts = [f"{self.num_exact} exact", f"{self.num_lemma} by lemma", f"{self.num_subword} by subwords"]
        random = f"{self.num_random} random ({self.num_special} of them special words)"
        return f"{num_words} words, vectors of size {size}: {', '.join(parts)}, {random}"


def align(
    vectors: WordVectors,
    vocabulary: Sequence[str],
    *,
    seed: int,
    lemmas: Mapping[str, str] | None = None,
    special_words: Collection[str] = SPECIAL_WORDS,
) -> AlignedVectors:
    """Give every word of a vocabulary a vector.

    In this order: the word itself, its lemma, its subwords, a random direction. A random row's length is the
    median length of the rows found, and it depends on ``seed`` and the word alone: neither the order of the
    vocabulary nor the other words move it. A row of zeros in the source has no direction, so it counts as
    missing.

    Args:
        vectors: The source.
        vocabulary: The words in the order of their ids.
        seed: Of the random rows.
        lemmas: Inflected form to lemma, for sources that hold lemmas only. Such a row is 0.8 of the lemma's
            direction and 0.6 of a random one: a model can tell "loved" from "love", and reads both as much the
            same. ``has_vector`` stays False, because cosines among "love", "loved" and "loves" say nothing of
            which one stands well in a sentence.
        special_words: Always random and without ``has_vector``, even where the source has them: whatever
            files hold under ``<unk>`` or ``_num_`` is no meaning that a loss should spread.

    Raises:
        VectorsError: No word of the vocabulary has a vector, so the two do not belong together.
    """
    size = vectors.word_vector_size
    matrix = np.zeros((len(vocabulary), size), dtype=np.float32)
    has_vector = np.zeros(len(vocabulary), dtype=np.bool_)
    counts = {"exact": 0, "lemma": 0, "subword": 0, "special": 0}
    for row, word in enumerate(vocabulary):
        if word in special_words:
            counts["special"] += 1
            continue
        source, vector = _find(vectors, word, lemmas or {})
        if vector is not None:
            matrix[row] = vector
            has_vector[row] = source != "lemma"
            counts[source] += 1
    if not has_vector.any():
        raise VectorsError(
            f"none of the {len(vocabulary)} words of the vocabulary is among the {len(vectors)} words with "
            f"vectors; vocabulary: {_few(vocabulary)}; vectors: {_few(vectors.words)}"
        )
    length = float(np.median(np.linalg.norm(matrix[has_vector], axis=1)))
    for row in np.flatnonzero(~has_vector).tolist():
        direction = random_direction(vocabulary[row], size, seed=seed)
        lemma_length = float(np.linalg.norm(matrix[row]))
        if lemma_length:
            direction = LEMMA_SHARE * matrix[row] / lemma_length + OWN_SHARE * direction
        matrix[row] = length * direction
    return AlignedVectors(
        matrix=matrix,
        has_vector=has_vector,
        num_exact=counts["exact"],
        num_lemma=counts["lemma"],
        num_subword=counts["subword"],
        num_random=int((~has_vector).sum()) - counts["lemma"],
        num_special=counts["special"],
    )


def random_direction(word: str, size: int, *, seed: int) -> Float32[np.ndarray, " E"]:
    """Return a vector of length 1 that depends on ``word`` and ``seed`` and nothing else."""
    digest = hashlib.blake2b(f"{seed}\0{word}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    vector = np.random.default_rng(int.from_bytes(digest, "little")).standard_normal(size)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _find(vectors: WordVectors, word: str, lemmas: Mapping[str, str]) -> tuple[str, Float32[np.ndarray, " E"] | None]:
    for source, form in (("exact", word), ("lemma", lemmas.get(word))):
        row = None if form is None else vectors.index.get(form)
        if row is not None and vectors.matrix[row].any():
            return source, vectors.matrix[row]
    if vectors.subword is not None:
        vector = vectors.subword(word)
        if vector.any():
            return "subword", vector
    return "random", None


def _few(words: Sequence[str]) -> str:
    return ", ".join(repr(word) for word in words[-3:]) or "nothing"
