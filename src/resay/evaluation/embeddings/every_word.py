"""The default embedding with each of its choices open: what `resay.fitting.embedding.fit_embedding` does, in steps.

With the choices of the default it gives the default's numbers, bit for bit; a test holds it to that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch

from resay.evaluation.embeddings.id_table import Embed, IdTable
from resay.evaluation.embeddings.ingredients import DEFAULTS, Ingredients
from resay.fitting.embedding import (
    NUM_BUCKETS,
    SMOOTHING,
    EmbeddingSettings,
    most_frequent,
    shares_of,
    whitened_table,
    words_with_vectors,
)
from resay.fitting.preparation import FULL_BITS, rounded
from resay.text import NUM, Encoding
from resay.text.lexicon import Lexicon

Ids = Sequence[int]


def _known_alone(lexicon: Lexicon, ids: Ids) -> Ids:
    return [one for one in ids if one < len(lexicon.words)]


def _whole_alone(lexicon: Lexicon, ids: Ids) -> Ids:
    """Return ids without those of beginnings, each of which follows that of its whole word."""
    kept, is_whole = [], False
    for one in ids:
        is_whole = one >= len(lexicon.words) and not is_whole
        if one < len(lexicon.words) or is_whole:
            kept.append(one)
    return kept


class Unknown(NamedTuple):
    """What becomes of words without a vector: which of their ids count, and with which weight each."""

    keep: Callable[[Lexicon, Ids], Ids]
    weight: float


UNKNOWN: Mapping[str, Unknown] = MappingProxyType(
    {
        "nothing": Unknown(_known_alone, 0.0),
        "whole": Unknown(_whole_alone, 1.0),
        "whole and beginning": Unknown(lambda lexicon, ids: ids, 0.5**0.5),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryWord:
    """The weighted average of all words that have a vector, the decoder's or not.

    Attributes:
        max_vectors: Vectors to keep, those of the most frequent words; 0 keeps all.
        lemmas: Whether an inflected form without a vector has its base form's.
        unknown: What stands for a word without a vector, a key of `UNKNOWN`.
        numbers: Whether a number stands under its digits; else it stands for nothing.
        smoothing: a of w = a / (a + p(w)).
        by_corpus: Whether p is the word's share of the training text; else of the language.
        whitening: Power that variances are evened out with, see `EmbeddingSettings`.
        bits: Of a component, 8 or 32.
    """

    max_vectors: int = DEFAULTS.lexicon_size
    lemmas: bool = True
    unknown: str = "whole and beginning"
    numbers: bool = True
    smoothing: float = SMOOTHING
    by_corpus: bool = False
    whitening: float = DEFAULTS.whitening
    bits: int = FULL_BITS

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        return self.table(ingredients).embed

    def table(self, ingredients: Ingredients) -> IdTable:
        """Return words, vectors and weights."""
        vectors = ingredients.vectors
        counts = shares_of(ingredients.counts)
        frequencies = counts if self.by_corpus else shares_of(ingredients.background)
        forms = words_with_vectors(vectors, ingredients.lemmas if self.lemmas else {})
        forms = most_frequent(forms, self.max_vectors or len(vectors), (frequencies, counts))
        settings = EmbeddingSettings(self.max_vectors, self.whitening)
        table = whitened_table(vectors, forms, frequencies, settings, self.smoothing)
        lexicon = Lexicon(tuple(forms), NUM_BUCKETS)
        unknown = UNKNOWN[self.unknown]
        return IdTable(
            ingredients.tokenizer,
            partial(_read, lexicon, unknown, self.numbers),
            torch.from_numpy(table.vectors if self.bits == FULL_BITS else rounded(table.vectors)),
            torch.from_numpy(table.rows),
            torch.from_numpy(
                np.concatenate([table.word_weights, np.full(NUM_BUCKETS, unknown.weight)]).astype(np.float32)
            ),
        )


def _read(lexicon: Lexicon, unknown: Unknown, numbers: bool, encoding: Encoding) -> Ids:
    if not numbers:
        kept = [place for place, token in enumerate(encoding.tokens) if token != NUM]
        encoding = Encoding(
            [encoding.token_ids[place] for place in kept],
            [encoding.tokens[place] for place in kept],
            encoding.text,
            [encoding.offsets[place] for place in kept],
        )
    return unknown.keep(lexicon, lexicon.ids(encoding))
