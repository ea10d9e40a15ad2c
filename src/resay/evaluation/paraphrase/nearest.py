"""Baseline: the sentences of the training corpus that a model's own embedding finds nearest to the input."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine import SentenceEncoder
from resay.errors import RequestError
from resay.evaluation.paraphrase.wording import normal_form

CHUNK = 4096
SPARE = 4
"""More than asked for, since some of the nearest may be copies of the input or of each other."""


def nearest_sentences(
    encoder: SentenceEncoder, sources: Sequence[str], corpus: Sequence[str], num_candidates: int
) -> list[list[str]]:
    """Return for each source its nearest sentences by cosine, best first, without copies and repetitions.

    The corpus is encoded part by part; only the best so far are kept.
    """
    num_kept = num_candidates + SPARE
    wanted = _directions(encoder, sources)
    best = np.full((len(sources), num_kept), -np.inf, dtype=np.float32)
    places = np.zeros((len(sources), num_kept), dtype=np.int64)
    for start in range(0, len(corpus), CHUNK):
        cosines = wanted @ _directions(encoder, corpus[start : start + CHUNK]).T
        numbers = np.broadcast_to(np.arange(start, start + cosines.shape[1]), cosines.shape)
        best, places = np.concatenate([best, cosines], axis=1), np.concatenate([places, numbers], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :num_kept]
        best, places = np.take_along_axis(best, order, axis=1), np.take_along_axis(places, order, axis=1)
    return [
        _distinct(source, [corpus[place] for place, cosine in zip(*row, strict=True) if cosine > 0], num_candidates)
        for source, *row in zip(sources, places.tolist(), best.tolist(), strict=True)
    ]


def _directions(encoder: SentenceEncoder, texts: Sequence[str]) -> Float32[ndarray, "B E"]:
    """Return unit vectors; zeros for what cannot be encoded, which is then near to nothing."""
    codes = encoder.encode(texts, normalize=True)
    rows: Float32[ndarray, "B E"] = np.zeros((len(codes), encoder.embedding_size), dtype=np.float32)
    for row, code in enumerate(codes):
        if not isinstance(code, RequestError):
            rows[row] = code.embedding
    return rows


def _distinct(source: str, texts: Sequence[str], num_candidates: int) -> list[str]:
    found = {normal_form(source): source}
    for text in texts:
        found.setdefault(normal_form(text), text)
    return list(found.values())[1 : num_candidates + 1]
