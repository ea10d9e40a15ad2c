"""One step of the decoder: decoder_step.onnx behind plain arrays."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine.decoding.device_memory import DeviceMemory, DeviceState, bindable
from resay.engine.model_folder import DECODER_STEP_FILE, ModelFolder
from resay.engine.session import Device, GraphSession, OrtValue, device_kind, open_session

FETCHED = ("candidate_ids", "log_probs")
KEPT = ("next_hidden", "next_cell")


@runtime_checkable
class State(Protocol):
    """The decoder's memory of each row, wherever it lies: [R, H] each."""

    @property
    def hidden(self) -> ndarray | OrtValue:
        """Return the LSTM's output, in the form that the step takes."""

    @property
    def cell(self) -> ndarray | OrtValue:
        """Return the LSTM's cell, in the form that the step takes."""

    def taken(self, rows: Int64[ndarray, " K"]) -> "State":
        """Return the memory of these rows, in this order; a row may be taken several times, or not at all."""


class DecoderState(NamedTuple):
    """The LSTM's memory of each row; rows that are fed the begin mark make theirs from the latent."""

    hidden: Float32[ndarray, "R H"]
    cell: Float32[ndarray, "R H"]

    def taken(self, rows: Int64[ndarray, " K"]) -> "DecoderState":
        """Return the memory of these rows, in this order."""
        return DecoderState(self.hidden[rows], self.cell[rows])


class StepOutput(NamedTuple):
    """The K most probable next tokens of each row, best first, and the state after the step."""

    candidate_ids: Int64[ndarray, "R K"]
    log_probs: Float32[ndarray, "R K"]
    state: State


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
        state: State,
        num_candidates: int,
    ) -> StepOutput:
        """Feed one token to each row."""


@dataclass(frozen=True, slots=True)
class DecoderStep:
    """decoder_step.onnx in a session.

    Attributes:
        session: The graph.
        vocab_size: V.
        hidden_size: H.
        memory: Where the state stays between two steps; ``None`` for the host.
    """

    session: GraphSession
    vocab_size: int
    hidden_size: int
    memory: DeviceMemory | None = None

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
        memory = DeviceMemory.open(device) if device_kind(device) == "cuda" else None
        return cls(session, dimensions.vocab_size, dimensions.hidden_size, memory)

    def run(
        self,
        token_ids: Int64[ndarray, " R"],
        latents: Float32[ndarray, "R Z"],
        state: State,
        num_candidates: int,
    ) -> StepOutput:
        """Feed one token to each row."""
        fed = {
            "token_ids": token_ids,
            "latent": latents,
            "hidden": state.hidden,
            "cell": state.cell,
            "num_candidates": np.array([num_candidates], dtype=np.int64),
        }
        new: State
        if self.memory is None:
            candidate_ids, log_probs, hidden, cell = self.session.run([*FETCHED, *KEPT], fed)
            new = DecoderState(hidden, cell)
        else:
            (candidate_ids, log_probs), (hidden, cell) = self.memory.run(
                bindable(self.session), fed, fetched=FETCHED, kept=KEPT
            )
            new = DeviceState(self.memory, hidden, cell)
        # ONNX Runtime calls its 64-bit integers "long long"; the view gives them the usual name.
        return StepOutput(candidate_ids.view(np.int64), log_probs, new)
