"""Sentence vectors pooled from all states of the encoder, where the latent is the last one alone.

Axes: B sentences, T steps, F features of the encoder's last layer, both directions joined.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Bool, Float, Float32, Int64
from numpy import ndarray
from torch import Tensor

from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.systems.batches import embed_rows
from resay.evaluation.systems.digests import digest_of
from resay.fitting import load_run
from resay.fitting.checkpoint import MODEL_FILE, TOKENIZER_FILE
from resay.models import Autoencoder

Pool = Callable[[Float[Tensor, "B T F"], Bool[Tensor, "B T"]], Float[Tensor, "B F"]]
VERSION = "pooled 1"
"""Counts up when the same files give other vectors."""


def pool_mean(states: Float[Tensor, "B T F"], real: Bool[Tensor, "B T"]) -> Float[Tensor, "B F"]:
    """Return the mean of the states after real tokens."""
    weights = real.unsqueeze(2).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


def pool_max(states: Float[Tensor, "B T F"], real: Bool[Tensor, "B T"]) -> Float[Tensor, "B F"]:
    """Return each component's largest value in the states after real tokens."""
    return states.masked_fill(~real.unsqueeze(2), -torch.inf).amax(1)


POOLINGS: Mapping[str, Pool] = MappingProxyType({"mean": pool_mean, "max": pool_max})
"""Reading to what makes it of the states."""


@torch.no_grad()
def encoder_states(
    model: Autoencoder, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]
) -> Float[Tensor, "B T F"]:
    """Return the states of the encoder's last layer, each direction's in the order in which it reads.

    Either way the states after real tokens come first, and those after padding last.
    """
    found: list[Tensor] = []

    def keep(module: torch.nn.Module, inputs: Any, output: tuple[Tensor, Any]) -> None:  # noqa: ANN401
        found.append(output[0])

    (*_, last_layer) = model.encoder.readers.children()
    hooks = [reader.register_forward_hook(keep) for reader in last_layer.children()]
    try:
        model.encoder(model.word_vectors, token_ids, lengths)
    finally:
        for hook in hooks:
            hook.remove()
    return torch.cat(found, dim=2)


class PooledStates:
    """A run's sentence vectors by one pooling; a `resay.evaluation.systems.System`.

    Args:
        folder: The run.
        pooling: A key of `POOLINGS`.

    Raises:
        SettingsError: If there is no such pooling.
        CheckpointError: If the folder holds no run that can be loaded.
    """

    def __init__(self, folder: Path, pooling: str) -> None:
        if pooling not in POOLINGS:
            raise SettingsError(unknown_name_message("pooling", pooling, POOLINGS))
        self._loaded = load_run(folder)
        self._pool = POOLINGS[pooling]
        self._name = f"{folder.resolve().name}:{pooling}"
        about = [VERSION, pooling, str(self._loaded.max_length), repr(self._loaded.model.settings)]
        self._sha256 = digest_of([*about, folder / MODEL_FILE, folder / TOKENIZER_FILE])

    @property
    def name(self) -> str:
        """Return the names of run and pooling."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over weights, tokenizer, length and pooling."""
        return self._sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text, cut as when it serves; one without a word gets the zero vector."""
        encodings = self._loaded.tokenizer.encode_batch(texts)
        rows = [one.token_ids[: self._loaded.max_length] for one in encodings]
        return embed_rows(rows, self._loaded.model.encoder.feature_size, self._read)

    def _read(self, ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]) -> Float32[ndarray, "B D"]:
        num_real = torch.from_numpy(lengths)
        states = encoder_states(self._loaded.model, torch.from_numpy(ids), num_real)
        real = torch.arange(states.shape[1]) < num_real.unsqueeze(1)
        pooled: ndarray = self._pool(states, real).numpy()
        return pooled
