"""What the engine delivers for many sentences, in the form that is measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.engine import ParaphraseItem, ParaphraseOptions, Paraphraser, SentenceEncoder
from resay.errors import RequestError

CHUNK = 64
"""Sentences that are paraphrased together; what they get does not depend on it."""


@dataclass(frozen=True, slots=True)
class Produced:
    """The candidates for each of B inputs.

    Attributes:
        candidates: Texts, for each input.
        own_similarities: The engine's own similarity, in the same shape.
        num_refused: Inputs that were refused with an error; their candidates are none.
    """

    candidates: list[list[str]]
    own_similarities: list[list[float]]
    num_refused: int = 0


def produce(
    paraphraser: Paraphraser, sentences: Sequence[str], *, strategy: str, dial: float, num_candidates: int, seed: int
) -> Produced:
    """Paraphrase sentences with a strategy at a setting of the dial `diversity`."""
    options = ParaphraseOptions(num_candidates=num_candidates, strategy=strategy, diversity=dial, seed=seed)
    results = [
        result
        for start in range(0, len(sentences), CHUNK)
        for result in paraphraser.paraphrase([ParaphraseItem(one, options) for one in sentences[start : start + CHUNK]])
    ]
    answered = [[] if isinstance(result, RequestError) else result.candidates for result in results]
    return Produced(
        candidates=[[candidate.text for candidate in one] for one in answered],
        own_similarities=[[candidate.similarity for candidate in one] for one in answered],
        num_refused=sum(isinstance(result, RequestError) for result in results),
    )


def own_cosines(
    encoder: SentenceEncoder, sentences: Sequence[str], candidates: Sequence[Sequence[str]]
) -> dict[str, Float64[ndarray, " K"]]:
    """Return cos(input, candidate) of the model's own vectors, for all candidates in order.

    Returns:
        Of the embeddings and of the latents; NaN where a text cannot be encoded.
    """
    texts = list(dict.fromkeys([*sentences, *(text for one in candidates for text in one)]))
    place = {text: row for row, text in enumerate(texts)}
    firsts = [place[source] for source, one in zip(sentences, candidates, strict=True) for _ in one]
    seconds = [place[text] for one in candidates for text in one]
    codes = encoder.encode(texts)
    cosines = {}
    for name in ("embedding", "latent"):
        vectors = [None if isinstance(code, RequestError) else getattr(code, name) for code in codes]
        size = next((len(vector) for vector in vectors if vector is not None), 1)
        unknown = np.full(size, np.nan)
        matrix = np.array([unknown if vector is None else vector for vector in vectors], dtype=np.float64)
        matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
        cosines[name] = np.einsum("kd,kd->k", matrix[firsts], matrix[seconds])
    return cosines
