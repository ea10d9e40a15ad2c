"""Texts to sentence embeddings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.batching import MAX_PADDING, batches_by_length, pad
from resay.engine.latents.noise import sentence_noise
from resay.engine.latents.space import NoiseKind
from resay.engine.model_folder import ENCODER_FILE, LEXICON_FILE, ModelFolder
from resay.engine.sentences import PreparedSentence, SentencePreparer
from resay.engine.session import Device, GraphSession, open_session
from resay.engine.work import count
from resay.errors import ModelFolderError, RequestError
from resay.text import UNK_ID
from resay.text.lexicon import Lexicon, LexiconReading

MAX_BATCH_TOKENS = 8192
EMBEDDING = "embedding"
ONE_WORD = ((UNK_ID,),)
CODES = ("latent", "embedding")
"""Outputs of the graph that paraphrases need."""


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
        noise: What the graph takes as its input `noise`; "none" if it has no such input.
        latent_size: Z, the components of the noise.
        lexicon: Gives the graph's inputs for embeddings; None where these are averages of the same tokens.
    """

    preparer: SentencePreparer
    session: GraphSession
    embedding_size: int
    max_batch_tokens: int = MAX_BATCH_TOKENS
    noise: NoiseKind = "none"
    latent_size: int = 0
    lexicon: Lexicon | None = None

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
        session = open_session(folder.encoder_bytes, device=device, num_threads=num_threads, name=ENCODER_FILE)
        check_lexicon(session, folder)
        return cls(
            preparer=SentencePreparer(folder.tokenizer, folder.card.limits.max_length),
            session=session,
            embedding_size=folder.card.dimensions.embedding_size,
            max_batch_tokens=max_batch_tokens,
            noise=folder.card.latent_space.noise,
            latent_size=folder.card.dimensions.latent_size,
            lexicon=folder.lexicon,
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
        if not sentences:
            return []
        codes = self.read(sentences, CODES)
        embeddings = unit_length(codes["embedding"]) if normalize else codes["embedding"]
        return [
            EncodedSentence(
                embedding=embedding,
                latent=latent,
                num_tokens=len(sentence.token_ids),
                num_unknown=sentence.num_unknown,
                truncated=sentence.truncated,
            )
            for sentence, embedding, latent in zip(sentences, embeddings, codes["latent"], strict=True)
        ]

    def read(
        self,
        sentences: Sequence[PreparedSentence],
        names: Sequence[str],
        seeds: Sequence[int] | None = None,
        lexicon_ids: Sequence[tuple[int, ...]] | None = None,
    ) -> Mapping[str, Float32[ndarray, "B _"]]:
        """Return outputs of the graph for prepared sentences, a row for each, in their order.

        Args:
            sentences: At least one.
            names: Of the outputs: `embedding`, or readings of the latent that the model has.
            seeds: For each sentence, what decides its `sample`; no other output depends on it.
            lexicon_ids: Of each sentence, where they are known already.
        """
        if lexicon_ids is None and self.lexicon is not None and EMBEDDING in names:
            lexicon_ids = [self.lexicon_reading(sentence).ids for sentence in sentences]
        order: list[int] = []
        outputs: list[Sequence[Float32[ndarray, "B _"]]] = []
        # The graph always computes everything, but on inputs of their own: one word costs next to nothing.
        only_embedding = self.lexicon is not None and list(names) == [EMBEDDING]
        # A recurrent net takes as long for padding as for words, an average hardly looks at it.
        max_padding = math.inf if only_embedding else MAX_PADDING
        lengths = [len(sentence.token_ids) for sentence in sentences]
        for batch in batches_by_length(lengths, self.max_batch_tokens, max_padding):
            rows = [sentences[index].token_ids for index in batch]
            feed = self.feed(*pad(ONE_WORD if only_embedding else rows))
            if lexicon_ids is not None:
                feed |= lexicon_feed([lexicon_ids[index] for index in batch])
            count_work(feed, "lexicon_lengths" if only_embedding else "lengths")
            if seeds is not None and "sample" in names:
                feed["noise"] = np.stack(
                    [
                        sentence_noise(self.noise, seeds[index], row, self.latent_size)
                        for index, row in zip(batch, rows, strict=True)
                    ]
                )
            outputs.append(self.session.run(list(names), feed))
            order += batch
        if len(order) == 1:
            return dict(zip(names, outputs[0], strict=True))
        places = np.argsort(order)
        return {name: np.concatenate(parts)[places] for name, *parts in zip(names, *outputs, strict=True)}

    def lexicon_reading(self, sentence: PreparedSentence) -> LexiconReading:
        """Return what stands for a sentence when it is compared: all its words, protected ones too."""
        assert self.lexicon is not None
        return self.lexicon.read(sentence.encoding, self.preparer.max_length)

    def feed(self, token_ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]) -> dict[str, Any]:
        """Return the inputs of the graph; the noise, where it takes any, is zero, and embeddings are of one word."""
        feed = {"token_ids": token_ids, "lengths": lengths}
        if self.lexicon is not None:
            feed |= lexicon_feed(ONE_WORD)
        if self.noise != "none":
            feed["noise"] = np.zeros((len(lengths), self.latent_size), dtype=np.float32)
        return feed


def check_lexicon(session: Any, folder: ModelFolder) -> None:  # noqa: ANN401  ONNX Runtime's own class
    """Check that the graph reads a lexicon if there is one, and only then.

    Raises:
        ModelFolderError: If the two are from different exports.
    """
    reads = "lexicon_ids" in {one.name for one in session.get_inputs()}
    if reads != (folder.lexicon is not None):
        found = "reads a lexicon and the folder has none" if reads else "reads no lexicon and the folder has one"
        raise ModelFolderError(f"{ENCODER_FILE} {found} ({LEXICON_FILE}); export or copy the model again")


def lexicon_feed(ids: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the inputs that embeddings are computed from."""
    return dict(zip(("lexicon_ids", "lexicon_lengths"), pad(ids), strict=True))


def count_work(feed: Mapping[str, Any], lengths_name: str) -> None:
    """Count the texts of a call of the graph, their tokens, and the tokens that they are padded to."""
    lengths = feed[lengths_name]
    count("texts", len(lengths))
    count("tokens", int(lengths.sum()))
    count("padded_tokens", len(lengths) * int(lengths.max()))


def unit_length(vectors: Float32[ndarray, "*B E"]) -> Float32[ndarray, "*B E"]:
    """Return v / ‖v‖₂ of each vector; a zero vector stays zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    divided: Float32[ndarray, "*B E"] = vectors / np.where(norms == 0, np.float32(1), norms)
    return divided
