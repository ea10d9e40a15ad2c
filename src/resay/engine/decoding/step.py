"""One step of the decoder: decoder_step.onnx behind plain arrays."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.model_folder import DECODER_STEP_FILE, ModelFolder
from resay.engine.session import Device, GraphSession, open_session


class DecoderState(NamedTuple):
    """The LSTM's memory of each row; rows that are fed the begin mark make theirs from the latent."""

    hidden: Float32[ndarray, "R H"]
    cell: Float32[ndarray, "R H"]


class StepOutput(NamedTuple):
    """The K most probable next tokens of each row, best first, and the state after the step."""

    candidate_ids: Int64[ndarray, "R K"]
    log_probs: Float32[ndarray, "R K"]
    state: DecoderState


@runtime_checkable
class Step(Protocol):
    """Whatever can advance decoder rows by one token."""

    @property
    def vocab_size(self) -> int:
        """Return V."""

    @property
    def hidden_size(self) -> int:
        """Return H."""

    def run(
        self,
        token_ids: Int64[ndarray, " R"],
        latents: Float32[ndarray, "R Z"],
        state: DecoderState,
        num_candidates: int,
    ) -> StepOutput:
        """Feed one token to each row."""


@dataclass(frozen=True, slots=True)
class DecoderStep:
    """decoder_step.onnx in a session."""

    session: GraphSession
    vocab_size: int
    hidden_size: int

    @classmethod
    def open(cls, folder: ModelFolder, *, device: Device = "cpu", num_threads: int = 1) -> "DecoderStep":
        """Load the step graph of a model folder.

        Raises:
            DeviceError: If the device is not there.
            ModelFolderError: If the graph cannot be loaded.
        """
        session = open_session(
            folder.decoder_step_bytes, device=device, num_threads=num_threads, name=DECODER_STEP_FILE
        )
        dimensions = folder.card.dimensions
        return cls(session, dimensions.vocab_size, dimensions.hidden_size)

    def run(
        self,
        token_ids: Int64[ndarray, " R"],
        latents: Float32[ndarray, "R Z"],
        state: DecoderState,
        num_candidates: int,
    ) -> StepOutput:
        """Feed one token to each row."""
        candidate_ids, log_probs, hidden, cell = self.session.run(
            ["candidate_ids", "log_probs", "next_hidden", "next_cell"],
            {
                "token_ids": token_ids,
                "latent": latents,
                "hidden": state.hidden,
                "cell": state.cell,
                "num_candidates": np.array([num_candidates], dtype=np.int64),
            },
        )
        # ONNX Runtime calls its 64-bit integers "long long"; the view gives them the usual name.
        return StepOutput(candidate_ids.view(np.int64), log_probs, DecoderState(hidden, cell))
