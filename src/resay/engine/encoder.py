"""Texts to sentence embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.batching import batches_by_length, pad
from resay.engine.model_folder import ENCODER_FILE, ModelFolder
from resay.engine.sentences import PreparedSentence, SentencePreparer
from resay.engine.session import Device, GraphSession, open_session
from resay.errors import RequestError

MAX_BATCH_TOKENS = 8192


@dataclass(frozen=True, slots=True)
class EncodedSentence:
    """What the encoder says of one text.

    Attributes:
        embedding: The vector to compare texts by.
        latent: The vector that the decoder starts from.
        num_tokens: Tokens that were read, after truncation.
        num_unknown: How many of these are outside the vocabulary.
        truncated: Whether tokens beyond the model's length were cut off.
    """

    embedding: Float32[ndarray, " E"]
    latent: Float32[ndarray, " Z"]
    num_tokens: int
    num_unknown: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """Encodes texts in batches of like lengths; a text's result does not depend on its batch mates (to 1e-5).

    Attributes:
        preparer: Tokenises and checks texts.
        session: encoder.onnx.
        embedding_size: Components of an embedding.
        max_batch_tokens: Padded tokens that one call of the graph takes at most.
    """

    preparer: SentencePreparer
    session: GraphSession
    embedding_size: int
    max_batch_tokens: int = MAX_BATCH_TOKENS

    @classmethod
    def open(
        cls,
        folder: ModelFolder,
        *,
        device: Device = "cpu",
        num_threads: int = 1,
        max_batch_tokens: int = MAX_BATCH_TOKENS,
    ) -> "SentenceEncoder":
        """Load the encoder of a model folder.

        Raises:
            DeviceError: If the device is not there.
            ModelFolderError: If the graph cannot be loaded.
        """
        return cls(
            preparer=SentencePreparer(folder.tokenizer, folder.card.limits.max_length),
            session=open_session(folder.encoder_bytes, device=device, num_threads=num_threads, name=ENCODER_FILE),
            embedding_size=folder.card.dimensions.embedding_size,
            max_batch_tokens=max_batch_tokens,
        )

    def encode(
        self, texts: Sequence[str], *, truncate: bool = True, normalize: bool = False
    ) -> list[EncodedSentence | RequestError]:
        """Encode texts; a text that cannot be encoded gets its error in its place."""
        prepared = [self.preparer.prepare(text, truncate=truncate) for text in texts]
        sentences = [sentence for sentence in prepared if not isinstance(sentence, RequestError)]
        encoded = iter(self.run(sentences, normalize=normalize))
        return [item if isinstance(item, RequestError) else next(encoded) for item in prepared]

    def run(self, sentences: Sequence[PreparedSentence], *, normalize: bool = False) -> list[EncodedSentence]:
        """Encode prepared sentences, in their order."""
        encoded: dict[int, EncodedSentence] = {}
        lengths = [len(sentence.token_ids) for sentence in sentences]
        for batch in batches_by_length(lengths, self.max_batch_tokens):
            token_ids, batch_lengths = pad([sentences[index].token_ids for index in batch])
            latents, embeddings = self.session.run(
                ["latent", "embedding"], {"token_ids": token_ids, "lengths": batch_lengths}
            )
            if normalize:
                embeddings = unit_length(embeddings)
            for row, index in enumerate(batch):
                sentence = sentences[index]
                encoded[index] = EncodedSentence(
                    embedding=embeddings[row],
                    latent=latents[row],
                    num_tokens=len(sentence.token_ids),
                    num_unknown=sentence.num_unknown,
                    truncated=sentence.truncated,
                )
        return [encoded[index] for index in range(len(sentences))]


def unit_length(vectors: Float32[ndarray, "*B E"]) -> Float32[ndarray, "*B E"]:
    """Return v / ‖v‖₂ of each vector; a zero vector stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    divided: Float32[ndarray, "*B E"] = vectors / np.where(norms == 0, np.float32(1), norms)
    return divided
