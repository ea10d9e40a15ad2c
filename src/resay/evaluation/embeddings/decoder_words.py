"""Averages of the vectors of the words that a decoder can say: embeddings before there was a lexicon."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from resay.evaluation.embeddings.id_table import Embed, IdTable
from resay.evaluation.embeddings.ingredients import DEFAULTS, Ingredients
from resay.models.average import SMOOTHING, smooth_inverse_frequency
from resay.text import UNK_ID, Encoding
from resay.text.stop_words import STOP_WORDS
from resay.vectors import align

Weigh = Callable[[Ingredients], Float[Tensor, " V"]]


def _alike(ingredients: Ingredients) -> Float[Tensor, " V"]:
    return torch.ones(ingredients.tokenizer.vocab_size)


def _no_stop_words(ingredients: Ingredients) -> Float[Tensor, " V"]:
    return torch.tensor([float(word not in STOP_WORDS) for word in ingredients.tokenizer.words])


def _by_corpus(ingredients: Ingredients) -> Float[Tensor, " V"]:
    known = [ingredients.counts[word] for word in ingredients.tokenizer.words]
    known[UNK_ID] = ingredients.counts.total() - sum(known)
    return smooth_inverse_frequency(torch.tensor(known, dtype=torch.float32))


def _by_language(ingredients: Ingredients) -> Float[Tensor, " V"]:
    total = max(1, sum(ingredients.background.values()))
    shares = torch.tensor([ingredients.background.get(word, 0) / total for word in ingredients.tokenizer.words])
    return SMOOTHING / (SMOOTHING + shares)


WEIGHTS: Mapping[str, Weigh] = MappingProxyType(
    {"alike": _alike, "no stop words": _no_stop_words, "corpus": _by_corpus, "language": _by_language}
)


@dataclass(frozen=True, slots=True)
class DecoderWords:
    """e = Σ_t w(y_t) v(y_t) / Σ_t w(y_t) over the token ids y; a word outside the vocabulary is `<unk>`.

    Attributes:
        weights: A key of `WEIGHTS`.
    """

    weights: str

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        tokenizer = ingredients.tokenizer
        vectors = align(ingredients.vectors, tokenizer.words, seed=DEFAULTS.seed, lemmas=ingredients.lemmas).matrix
        weights = WEIGHTS[self.weights](ingredients)
        rows = torch.from_numpy(np.arange(len(vectors)))
        return IdTable(tokenizer, _token_ids, torch.from_numpy(vectors), rows, weights).embed


def _token_ids(encoding: Encoding) -> list[int]:
    return encoding.token_ids
