"""The sentence autoencoder: an encoder, a bottleneck and a decoder over one table of word vectors."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from resay.errors import ShapeError
from resay.models.average import WeightedAverage
from resay.models.bottlenecks import BOTTLENECKS
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
        self.encoder = Encoder(
            settings.word_vector_size,
            settings.encoder_hidden_size or settings.hidden_size,
            settings.encoder_direction,
            cell=settings.encoder_cell,
            num_layers=settings.encoder_layers,
            dropout=settings.dropout,
        )
        self.bottleneck = BOTTLENECKS[settings.latent](self.encoder.feature_size, settings.latent_size)
        self.encoder.requires_grad_(self.bottleneck.reads_sentence)
        self.decoder = Decoder(
            word_vector_size=settings.word_vector_size,
            hidden_size=settings.hidden_size,
            latent_size=self.bottleneck.latent_size,
            vocab_size=settings.vocab_size,
            dropout=settings.dropout,
        )
        self.average = WeightedAverage(torch.ones(settings.vocab_size) if token_weights is None else token_weights)

    def noise(self, num_sentences: int, generator: torch.Generator | None = None) -> Float[Tensor, "B Z"]:
        """Draw what the bottleneck draws latents with, from this generator or torch's own; zeros if nothing."""
        size = (num_sentences, self.bottleneck.latent_size)
        device = self.word_vectors.weight.device
        if self.bottleneck.noise == "none":
            return torch.zeros(size, device=device)
        draw = torch.randn if self.bottleneck.noise == "normal" else torch.rand
        return draw(size, generator=generator, device=device)

    def readings(
        self,
        token_ids: Int64[Tensor, "B T"],
        lengths: Int64[Tensor, " B"],
        noise: Float[Tensor, "B Z"] | None = None,
    ) -> Mapping[str, Float[Tensor, "B Z"]]:
        """Return all that can be read off sentences, by name; `resay.models.bottlenecks.READINGS` lists the names.

        Args:
            token_ids: As for `encode`.
            lengths: Real tokens of each.
            noise: Decides the sample; drawn when not given.
        """
        features = self._features(token_ids, lengths)
        return self.bottleneck.readings(features, self.noise(len(lengths)) if noise is None else noise)

    def _features(self, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> Float[Tensor, "B F"]:
        if not self.bottleneck.reads_sentence:
            return self.word_vectors.weight.new_zeros(len(lengths), self.encoder.feature_size)
        features: Tensor = self.encoder(self.word_vectors, token_ids, lengths)
        return features

    def encode(self, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> SentenceCodes:
        """Return latents and embeddings; `token_ids` carries no begin or end marks and is padded at the end."""
        embedding = self.average(self.word_vectors, token_ids, lengths)
        unused = embedding.new_zeros(len(lengths), self.bottleneck.latent_size)  # no noise changes the latent
        return SentenceCodes(self.readings(token_ids, lengths, unused)["latent"], embedding)

    def forward(
        self,
        token_ids: Int64[Tensor, "B T"],
        lengths: Int64[Tensor, " B"],
        previous_ids: Int64[Tensor, "B S"],
    ) -> tuple[Float[Tensor, "B S H"], Float[Tensor, " B"]]:
        """Return the decoder's hidden states under teacher forcing, and each sentence's penalty.

        A latent that is a distribution is drawn, with torch's own generator, in evaluation mode as well: this is
        what training minimises. `encode` gives the latent that is the same every time.

        Args:
            token_ids: The sentences, for the encoder.
            lengths: Real tokens of each.
            previous_ids: What the decoder is told it said: the begin mark, then the sentence itself (S = T + 1).
        """
        features = self._features(token_ids, lengths)
        latent = self.bottleneck(features, self.noise(len(lengths)))
        return self.decoder(self.word_vectors(previous_ids), latent.value), latent.penalty
