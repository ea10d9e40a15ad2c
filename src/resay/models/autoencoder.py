"""The sentence autoencoder: an encoder, a bottleneck and a decoder over one table of word vectors."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from resay.errors import ShapeError
from resay.models.average import WeightedAverage
from resay.models.bottlenecks import BOTTLENECKS, Latent
from resay.models.decoder import Decoder
from resay.models.encoder import Encoder
from resay.models.settings import ModelSettings


class SentenceCodes(NamedTuple):
    """What the encoder makes of sentences: the decoder's latent, and the vector that compares well."""

    latent: Float[Tensor, "B Z"]
    embedding: Float[Tensor, "B E"]


class Autoencoder(nn.Module):
    """Says again what it was told, through a vector.

    Args:
        settings: Sizes and choices.
        word_vectors: The table [V, E]; zeros when weights are loaded afterwards.
        token_weights: Weight of each word in the sentence embedding; all one when not given.

    Raises:
        ShapeError: If the table's shape is not (vocab_size, word_vector_size).
    """

    def __init__(
        self,
        settings: ModelSettings,
        word_vectors: Float[Tensor, "V E"] | None = None,
        token_weights: Float[Tensor, " V"] | None = None,
    ) -> None:
        super().__init__()
        shape = (settings.vocab_size, settings.word_vector_size)
        table = torch.zeros(shape) if word_vectors is None else word_vectors
        if tuple(table.shape) != shape:
            raise ShapeError(
                f"word_vectors must have the shape (vocab_size, word_vector_size) = {shape}; got {tuple(table.shape)}"
            )
        self.settings = settings
        self.word_vectors = nn.Embedding(*shape, _weight=table.clone(), _freeze=not settings.train_word_vectors)
        self.encoder = Encoder(settings.word_vector_size, settings.hidden_size, settings.encoder_direction)
        self.bottleneck = BOTTLENECKS[settings.latent](settings.hidden_size)
        self.decoder = Decoder(
            word_vector_size=settings.word_vector_size,
            hidden_size=settings.hidden_size,
            latent_size=self.bottleneck.latent_size,
            vocab_size=settings.vocab_size,
        )
        self.average = WeightedAverage(torch.ones(settings.vocab_size) if token_weights is None else token_weights)

    def bottled(self, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> Latent:
        """Return the latent of each sentence with its penalty."""
        latent: Latent = self.bottleneck(self.encoder(self.word_vectors, token_ids, lengths))
        return latent

    def encode(self, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> SentenceCodes:
        """Return latents and embeddings; `token_ids` carries no begin or end marks and is padded at the end."""
        embedding = self.average(self.word_vectors, token_ids, lengths)
        return SentenceCodes(self.bottled(token_ids, lengths).value, embedding)

    def forward(
        self,
        token_ids: Int64[Tensor, "B T"],
        lengths: Int64[Tensor, " B"],
        previous_ids: Int64[Tensor, "B S"],
    ) -> tuple[Float[Tensor, "B S H"], Float[Tensor, " B"]]:
        """Return the decoder's hidden states under teacher forcing, and each sentence's penalty.

        Args:
            token_ids: The sentences, for the encoder.
            lengths: Real tokens of each.
            previous_ids: What the decoder is told it said: the begin mark, then the sentence itself (S = T + 1).
        """
        latent = self.bottled(token_ids, lengths)
        return self.decoder(self.word_vectors(previous_ids), latent.value), latent.penalty
