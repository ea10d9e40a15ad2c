"""An exported model as a source of sentence vectors: what a service answers with."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine import ModelFolder, SentenceEncoder
from resay.engine.model_folder import CARD_FILE, DECODER_STEP_FILE, read_manifest
from resay.errors import RequestError, SettingsError, unknown_name_message
from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.run_system import EMBEDDING

VERSION = "exported 1"
"""Counts up when the same files give other vectors."""


class ExportedSystem:
    """One reading of an exported folder's encoder, through ONNX Runtime; long texts are cut, as when it serves.

    Args:
        folder: The exported model.
        reading: "embedding", or what its latents have but "sample", which is drawn anew every time.

    Raises:
        SettingsError: If the model has no such reading.
        ModelFolderError: If the folder is damaged or incomplete.
    """

    def __init__(self, folder: Path, reading: str = EMBEDDING) -> None:
        opened = ModelFolder.open(folder)
        readings = (EMBEDDING, *(name for name in opened.card.latent_space.readings if name != "sample"))
        if reading not in readings:
            raise SettingsError(unknown_name_message(f"a reading of {folder}", reading, readings))
        self._encoder = SentenceEncoder.open(opened)
        self._reading = reading
        self._name = f"{folder.resolve().name}:{reading}"
        dimensions = opened.card.dimensions
        self._size = dimensions.embedding_size if reading == EMBEDDING else dimensions.latent_size
        digests = {
            name: digest
            for name, digest in sorted(read_manifest(folder).items())
            if name not in (CARD_FILE, DECODER_STEP_FILE)
        }
        self._sha256 = digest_of([VERSION, reading, str(opened.card.limits.max_length), repr(digests)])

    @property
    def name(self) -> str:
        """Return the names of folder and reading."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over the encoder's graph, tokenizer, lexicon, length and reading."""
        return self._sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text; one without a word gets the zero vector."""
        vectors = np.zeros((len(texts), self._size), np.float32)
        prepared = [self._encoder.preparer.prepare(text, truncate=True) for text in texts]
        places = [place for place, one in enumerate(prepared) if not isinstance(one, RequestError)]
        sentences = [one for one in prepared if not isinstance(one, RequestError)]
        if sentences:
            vectors[places] = self._encoder.read(sentences, [self._reading])[self._reading]
        return vectors
