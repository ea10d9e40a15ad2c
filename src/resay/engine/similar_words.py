"""Which words of the vocabulary are like a given one: what a paraphrase of a text may well say instead."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.encoder import SentenceEncoder

LEAST_COSINE = 0.35
"""Between words; below it are hardly any that could stand for one another."""
WORDS_A_CALL = 2048


@dataclass(frozen=True, slots=True)
class SimilarWords:
    """The words like each word, by the cosine of their embeddings; found when first asked for, then kept.

    Attributes:
        vectors: Of every word, of length 1.
        known: What was asked for before.
    """

    vectors: Float32[ndarray, "V E"]
    known: dict[int, tuple[Int64[ndarray, " N"], Float32[ndarray, " N"]]] = field(default_factory=dict)

    @classmethod
    def open(cls, encoder: SentenceEncoder) -> "SimilarWords":
        """Encode every word of the vocabulary as a sentence of its own."""
        # The decoder's own vectors: those of embeddings are whitened, and inflections share one.
        name = "embedding" if encoder.lexicon is None else "average"
        num_words = encoder.preparer.tokenizer.vocab_size
        parts = []
        for start in range(0, num_words, WORDS_A_CALL):
            token_ids = np.arange(start, min(num_words, start + WORDS_A_CALL), dtype=np.int64)[:, np.newaxis]
            lengths = np.ones(len(token_ids), dtype=np.int64)
            parts += encoder.session.run([name], encoder.feed(token_ids, lengths))
        vectors = np.concatenate(parts)
        sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls(vectors / np.where(sizes == 0, np.float32(1), sizes))

    def like(self, word_id: int) -> tuple[Int64[ndarray, " N"], Float32[ndarray, " N"]]:
        """Return the ids of the words like this one, itself among them, and their cosines."""
        if word_id not in self.known:
            # One product a word, so that a result never depends on which words are asked for together.
            cosines = self.vectors @ self.vectors[word_id]
            ids = np.flatnonzero(cosines >= LEAST_COSINE)
            self.known[word_id] = (ids, cosines[ids])
        return self.known[word_id]

    def like_any(self, word_ids: Iterable[int]) -> dict[int, float]:
        """Return the words like any of these, each with its greatest cosine."""
        best: dict[int, float] = {}
        for word_id in word_ids:
            ids, cosines = self.like(word_id)
            for other, cosine in zip(ids.tolist(), cosines.tolist(), strict=True):
                if cosine > best.get(other, 0.0):
                    best[other] = cosine
        return best
