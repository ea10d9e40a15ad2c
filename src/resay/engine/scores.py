"""How good a paraphrase is: similarity, novelty, and the score that ranks candidates, all in [0, 1]."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

NGRAM_SIZES = (1, 2)
SIMILARITY_WEIGHT = 4.0
NOVELTY_WEIGHT = 1.0
FLUENCY_WEIGHT = 1.0


@runtime_checkable
class Codes(Protocol):
    """What the encoder says of a text, as far as similarity needs it."""

    @property
    def embedding(self) -> Float32[ndarray, " E"]:
        """Return the averaged word vectors."""

    @property
    def latent(self) -> Float32[ndarray, " Z"]:
        """Return what the decoder starts from."""


def similarity(source: Codes, candidate: Codes, unrelated_latents: float = 0.0) -> float:
    """Return how much of the meaning two texts share: half by their words, half by the round trip.

        ½ max(0, cos(e, e')) + ½ max(0, (cos(z, z') − u) / (1 − u))

    e is the embedding, the weighted average of word vectors, which sees the words and not their order; z the
    latent, which sees both. The latents of any two sentences are close, so that their cosine counts from
    that of unrelated sentences, u, upwards.
    """
    by_words = max(0.0, cosine(source.embedding, candidate.embedding))
    by_latents = max(0.0, (cosine(source.latent, candidate.latent) - unrelated_latents) / (1 - unrelated_latents))
    return min(1.0, (by_words + by_latents) / 2)


def cosine(one: Float32[ndarray, " D"], other: Float32[ndarray, " D"]) -> float:
    """Return the cosine of two vectors, in [−1, 1]; 0 if either is zero."""
    norms = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return 0.0 if norms == 0 else min(1.0, max(-1.0, float(one @ other) / norms))


def novelty(source: Sequence[str], candidate: Sequence[str]) -> float:
    """Return how little of the wording two texts share.

        1 − mean over n in (1, 2) of 2 · |common n-grams| / (|source n-grams| + |candidate n-grams|)

    n-grams are counted as often as they occur, and a size that neither text reaches is left out. 0 means
    the same words with the same neighbours, 1 not one word in common.
    """
    overlaps: list[float] = []
    for size in NGRAM_SIZES:
        source_grams, candidate_grams = count_ngrams(source, size), count_ngrams(candidate, size)
        num_grams = source_grams.total() + candidate_grams.total()
        if num_grams:
            overlaps.append(2 * (source_grams & candidate_grams).total() / num_grams)
    return 1.0 - sum(overlaps) / len(overlaps) if overlaps else 0.0


def count_ngrams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """Return how often each run of `size` words occurs."""
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))


def score(similarity: float, novelty: float, log_prob: float) -> float:
    """Return what candidates are ranked by, the weighted harmonic mean of meaning, difference and fluency.

        6 / (4 / similarity + 1 / novelty + 1 / exp(log_prob))

    `exp(log_prob)` is the geometric mean of the candidate's token probabilities. A harmonic mean is low
    when any part is: neither a copy of the source nor a fluent sentence about something else can win.
    """
    parts = (
        (SIMILARITY_WEIGHT, similarity),
        (NOVELTY_WEIGHT, novelty),
        (FLUENCY_WEIGHT, math.exp(min(0.0, log_prob))),
    )
    if any(value <= 0 for _, value in parts):
        return 0.0
    return sum(weight for weight, _ in parts) / sum(weight / value for weight, value in parts)
