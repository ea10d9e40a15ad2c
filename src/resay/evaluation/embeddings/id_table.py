"""Ids with vectors and weights, and the sentence vectors that are pooled from them.

Axes: B sentences, T ids of the longest, L ids, R different vectors, D components.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Int64
from numpy import ndarray
from torch import Tensor

from resay.evaluation.systems.batches import embed_rows
from resay.models.average import weighted_average
from resay.models.embedder import SentenceEmbedder
from resay.text import Encoding, Tokenizer
from resay.text.lexicon import Lexicon

Embed = Callable[[Sequence[str]], Float32[ndarray, "B D"]]
Read = Callable[[Encoding], Sequence[int]]
"""The ids that stand for a text; none at all gives a vector of zeros."""
Pool = Callable[[Float[Tensor, "B T D"], Float[Tensor, "B T"], Int64[Tensor, " B"]], Float[Tensor, "B K"]]
"""Vectors, weights and the number of real ids of each sentence, in that order, to one vector a sentence."""


@dataclass(frozen=True, eq=False)
class IdTable:
    """What a sentence embedding is made of; all of it may be had without training.

    Attributes:
        tokenizer: Splits texts.
        read: Gives the ids of a text.
        vectors: All that there are.
        rows: Which of the vectors each id has.
        weights: Of each id.
    """

    tokenizer: Tokenizer
    read: Read
    vectors: Float[Tensor, "R D"]
    rows: Int64[Tensor, " L"]
    weights: Float[Tensor, " L"]

    @classmethod
    def of_embedder(cls, tokenizer: Tokenizer, lexicon: Lexicon, embedder: SentenceEmbedder) -> "IdTable":
        """Return the table of a run's own embedder."""
        vectors = embedder.codes.to(embedder.scales.dtype) * embedder.scales.unsqueeze(1)
        return cls(tokenizer, lexicon.ids, vectors, embedder.rows, embedder.weights)

    @property
    def size(self) -> int:
        """Return D."""
        return self.vectors.shape[1]

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return the weighted average of each text's vectors."""
        return self.pool(texts, weighted_average, self.size)

    def pool(self, texts: Sequence[str], pooling: Pool, size: int) -> Float32[ndarray, "B K"]:
        """Return a vector of that size for each text, pooled in a way of one's own."""

        @torch.no_grad()
        def read(ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]) -> Float32[ndarray, "B K"]:
            numbers = torch.from_numpy(ids)
            pooled: ndarray = pooling(
                self.vectors[self.rows[numbers]], self.weights[numbers], torch.from_numpy(lengths)
            ).numpy()
            return pooled

        return embed_rows([self.read(encoding) for encoding in self.tokenizer.encode_batch(texts)], size, read)
