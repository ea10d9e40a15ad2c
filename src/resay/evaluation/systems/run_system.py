"""A trained run as a source of sentence vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.systems.batches import embed_rows
from resay.evaluation.systems.digests import digest_of
from resay.fitting import load_run
from resay.fitting.checkpoint import MODEL_FILE, TOKENIZER_FILE
from resay.fitting.embedding import EMBEDDER_FILE, LEXICON_FILE
from resay.text import UNK_ID

VERSION = "run 1"
"""Counts up when the same files give other vectors."""
EMBEDDING = "embedding"


class RunSystem:
    """One reading of a run folder's model; texts are cut to the length that it was trained with, as when it serves.

    Args:
        folder: The run.
        reading: "embedding", or what its latents have but "sample", which is drawn anew every time.

    Raises:
        SettingsError: If the model has no such reading.
        CheckpointError: If the folder is no run, or damaged.
    """

    def __init__(self, folder: Path, reading: str = EMBEDDING) -> None:
        self._loaded = load_run(folder)
        self._reading = reading
        self._name = f"{folder.resolve().name}:{reading}"
        one_word = np.array([[UNK_ID]]), np.array([1])
        readings = (EMBEDDING, *(name for name in self._readings(*one_word) if name != "sample"))
        if reading not in readings:
            raise SettingsError(unknown_name_message(f"a reading of {folder}", reading, readings))
        self._has_embedder = reading == EMBEDDING and self._loaded.embedder is not None
        self._size = self._read(*one_word).shape[1]
        files = [folder / name for name in (MODEL_FILE, TOKENIZER_FILE, LEXICON_FILE, EMBEDDER_FILE)]
        about = [VERSION, reading, str(self._loaded.max_length), repr(self._loaded.model.settings)]
        self._sha256 = digest_of([*about, *(part for one in files if one.is_file() for part in (one.name, one))])

    @property
    def name(self) -> str:
        """Return the names of folder and reading."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over weights, tokenizer, lexicon, length and reading."""
        return self._sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text; one without a word gets the zero vector."""
        loaded = self._loaded
        encodings = loaded.tokenizer.encode_batch(texts)
        if self._has_embedder and loaded.lexicon is not None:
            rows: list[Sequence[int]] = [loaded.lexicon.ids(one, loaded.max_length) for one in encodings]
        else:
            rows = [one.token_ids[: loaded.max_length] for one in encodings]
        return embed_rows(rows, self._size, self._read)

    @torch.no_grad()
    def _read(self, ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]) -> Float32[ndarray, "B D"]:
        if self._has_embedder and self._loaded.embedder is not None:
            vectors = self._loaded.embedder(torch.from_numpy(ids), torch.from_numpy(lengths))
        elif self._reading == EMBEDDING:
            model = self._loaded.model
            vectors = model.average(model.word_vectors, torch.from_numpy(ids), torch.from_numpy(lengths))
        else:
            return self._readings(ids, lengths)[self._reading]
        found: ndarray = vectors.numpy()
        return found

    @torch.no_grad()
    def _readings(
        self, ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]
    ) -> dict[str, Float32[ndarray, "B Z"]]:
        model = self._loaded.model
        unused = torch.zeros(len(ids), model.bottleneck.latent_size)
        found = model.readings(torch.from_numpy(ids), torch.from_numpy(lengths), unused)
        return {name: values.to(torch.float32).numpy() for name, values in found.items()}
