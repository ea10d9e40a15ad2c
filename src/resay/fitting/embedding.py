"""Finds what sentence embeddings are made of, from word vectors and word counts alone.

    RUN/lexicon.txt  RUN/embedder.safetensors

A word weighs the less the more probable it is in the language, not in the corpus: that everyone in restaurant reviews
talks of food makes "food" no function word, and two sentences about food are alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from resay.errors import CheckpointError, ModelFolderError, VectorsError
from resay.models.embedder import SentenceEmbedder
from resay.text.lexicon import Lexicon
from resay.text.special import SPECIAL_WORDS
from resay.text.words import has_letter_or_digit
from resay.vectors import WordVectors
from resay.vectors.alignment import random_direction
from resay.vectors.eight_bits import to_codes

LEXICON_FILE = "lexicon.txt"
EMBEDDER_FILE = "embedder.safetensors"
NUM_BUCKETS = 2048
SMOOTHING = 2e-3
"""a of w = a / (a + p(w)), Arora et al. 2017."""
SMALLEST_VARIANCE = 1e-2
"""Of the largest one; directions below it are noise of a few words, which whitening must not blow up."""


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """What an embedder is made with.

    Attributes:
        max_vectors: Word vectors to keep, those of the most frequent words.
        whitening: Power b of P = U Λ^-b, which word vectors are multiplied with; U Λ Uᵀ is the covariance of weighted
            word vectors in running text. 0 only turns the axes towards the largest variances, ½ evens all out.
        num_buckets: For words without a vector.
    """

    max_vectors: int
    whitening: float
    num_buckets: int = NUM_BUCKETS


def fit_embedding(
    vectors: WordVectors,
    settings: EmbeddingSettings,
    *,
    counts: Mapping[str, int],
    background: Mapping[str, int],
    lemmas: Mapping[str, str] | None = None,
) -> tuple[Lexicon, SentenceEmbedder]:
    """Return which words have an id, and the module that embeds such ids.

    Args:
        vectors: As in their file. An inflected form that they lack gets its lemma's vector, with a weight of its own.
        settings: Sizes and choices.
        counts: Of the training corpus's words; among words of equal frequency, these are kept first.
        background: Counts in a large and general text of the language.
        lemmas: Inflected form to base form.

    Raises:
        VectorsError: If no word has a vector.
    """
    frequencies = shares_of(background)
    forms = words_with_vectors(vectors, lemmas or {})
    forms = most_frequent(forms, settings.max_vectors, (frequencies, shares_of(counts)))
    if not forms:
        raise VectorsError(
            f"none of the {len(vectors)} words with vectors is a lower-case word whose vector is not zero, and "
            "sentence embeddings need some; name another file, or train with lexicon_size 0"
        )
    table = whitened_table(vectors, forms, frequencies, settings)
    codes, scales = to_codes(table.vectors)
    # A word without a vector stands in two buckets, whose sum is as long as a vector.
    weights = np.concatenate([table.word_weights, np.full(settings.num_buckets, 0.5**0.5)])
    embedder = SentenceEmbedder(
        torch.from_numpy(codes),
        torch.from_numpy(scales),
        torch.from_numpy(table.rows),
        torch.from_numpy(weights.astype(np.float32)),
    )
    return Lexicon(tuple(forms), settings.num_buckets), embedder.eval()


class WhitenedTable(NamedTuple):
    """Vectors of W words and K buckets.

    Attributes:
        vectors: Different ones, those of the K buckets last.
        rows: Which of them belongs to each word, then to each bucket.
        word_weights: a / (a + p) of each word.
    """

    vectors: Float32[ndarray, "R E"]
    rows: Int64[ndarray, " L"]
    word_weights: Float64[ndarray, " W"]


def whitened_table(
    vectors: WordVectors,
    forms: Mapping[str, int],
    frequencies: Mapping[str, float],
    settings: EmbeddingSettings,
    smoothing: float = SMOOTHING,
) -> WhitenedTable:
    """Return what sentences are averaged from.

    Args:
        vectors: As in their file.
        forms: The row in it of each word to know.
        frequencies: p of each word; of others it is 0.
        settings: Whitening and buckets.
        smoothing: a.
    """
    found = sorted(set(forms.values()))
    place = {row: number for number, row in enumerate(found)}
    matrix = vectors.matrix[found]
    length = float(np.median(np.linalg.norm(matrix, axis=1)))
    buckets = [
        length * random_direction(f"bucket {number}", matrix.shape[1], seed=0) for number in range(settings.num_buckets)
    ]
    rows = np.array([place[row] for row in forms.values()], dtype=np.int64)
    likely = np.array([frequencies.get(word, 0.0) for word in forms])
    weights = smoothing / (smoothing + likely)
    axes = whitening(matrix[rows].astype(np.float64), likely * weights**2, settings.whitening)
    whitened = (np.concatenate([matrix, np.stack(buckets)]) @ axes).astype(np.float32)
    return WhitenedTable(whitened, np.concatenate([rows, np.arange(len(found), len(whitened))]), weights)


def shares_of(counts: Mapping[str, int]) -> dict[str, float]:
    """Return each word's share of all that was counted."""
    total = max(1, sum(counts.values()))
    return {word: count / total for word, count in counts.items()}


def words_with_vectors(vectors: WordVectors, lemmas: Mapping[str, str]) -> dict[str, int]:
    """Return the row of each word that has one, its own or its base form's."""
    directed = np.linalg.norm(vectors.matrix, axis=1) > 0
    rows = {word: row for word, row in vectors.index.items() if directed[row] and _is_readable(word)}
    inflected = {
        form: rows[lemma] for form, lemma in lemmas.items() if lemma in rows and form not in rows and _is_readable(form)
    }
    return rows | inflected


def most_frequent(
    forms: Mapping[str, int], max_rows: int, frequencies: Sequence[Mapping[str, float]]
) -> dict[str, int]:
    """Return the words of the most frequent rows, in alphabetical order.

    A row is as frequent as the most frequent of its words; the first mapping decides, the next ones among equals, and
    then the order of rows, since published files begin with the most frequent words.
    """
    best: dict[int, tuple[float, ...]] = {}
    for word, row in forms.items():
        found = tuple(one.get(word, 0.0) for one in frequencies)
        best[row] = max(best.get(row, found), found)
    ordered = sorted(best, key=lambda row: (*(-one for one in best[row]), row))
    kept = set(ordered[:max_rows])
    return {word: row for word, row in sorted(forms.items()) if row in kept}


def _is_readable(word: str) -> bool:
    return word == word.lower() and word not in SPECIAL_WORDS and has_letter_or_digit(word) and "\n" not in word


def whitening(
    vectors: Float64[ndarray, "W E"], shares: Float64[ndarray, " W"], power: float
) -> Float64[ndarray, "E E"]:
    """Return P = U Λ^-power, the columns from the largest variance to the smallest.

    U Λ Uᵀ = Σ_w share_w v_w v_wᵀ / Σ_w share_w, Λ in units of its largest entry. The largest component of each column
    is positive, so that equal input gives equal output.
    """
    if not shares.any():  # no word of the background has a vector
        shares = np.ones_like(shares)
    covariance = (vectors * (shares / shares.sum())[:, None]).T @ vectors
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1], directions[:, ::-1]
    peaks = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    relative = np.maximum(variances / variances[0], SMALLEST_VARIANCE)
    projection: Float64[ndarray, "E E"] = directions * np.sign(peaks) * relative**-power
    return projection


def save_embedder(run: Path, lexicon: Lexicon, embedder: SentenceEmbedder) -> None:
    """Write both into a run folder."""
    (run / LEXICON_FILE).write_bytes(lexicon.to_bytes())
    save_file({name: value.contiguous() for name, value in embedder.state_dict().items()}, run / EMBEDDER_FILE)


def load_embedder(run: Path) -> tuple[Lexicon, SentenceEmbedder] | None:
    """Read what `save_embedder` wrote; None in a run that has no embedder.

    Raises:
        CheckpointError: If one of the files is missing or damaged.
    """
    if not (run / LEXICON_FILE).is_file() and not (run / EMBEDDER_FILE).is_file():
        return None
    try:
        lexicon = Lexicon.from_bytes((run / LEXICON_FILE).read_bytes())
        embedder = SentenceEmbedder(**load_file(run / EMBEDDER_FILE))
    except (OSError, SafetensorError, TypeError, ModelFolderError) as error:
        raise CheckpointError(
            f"{run}: {LEXICON_FILE} or {EMBEDDER_FILE} is damaged ({error}); train into another --out"
        ) from None
    if len(lexicon) != embedder.num_ids:
        raise CheckpointError(
            f"{run}: {LEXICON_FILE} has {len(lexicon)} ids and {EMBEDDER_FILE} {embedder.num_ids}: they are of "
            "different runs; train into another --out"
        )
    return lexicon, embedder.eval()
