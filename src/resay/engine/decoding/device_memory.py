"""The decoder's state kept where the graph runs, so that only tokens and scores travel between GPU and host."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.engine.decoding.gather_graph import gather_graph
from resay.engine.session import BindingSession, Device, Gpu, OrtValue, device_kind, open_session
from resay.errors import DeviceError


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """A device, and the graph that reorders the state there.

    Attributes:
        gather: Takes rows of the state.
        kind: The device in ONNX Runtime's words, such as "cuda".
        device_id: Which of its kind.
    """

    gather: BindingSession
    kind: str
    device_id: int = 0

    @classmethod
    def open(cls, device: Device) -> "DeviceMemory":
        """Open the graph that reorders.

        Raises:
            DeviceError: If the device is not there.
        """
        gather = open_session(gather_graph(), device=device, name="the graph that takes rows")
        return cls(bindable(gather), device_kind(device), device.gpu_id if isinstance(device, Gpu) else 0)

    def run(
        self,
        session: BindingSession,
        fed: Mapping[str, ndarray | OrtValue],
        *,
        fetched: tuple[str, ...] = (),
        kept: tuple[str, ...] = (),
    ) -> tuple[list[ndarray], list[OrtValue]]:
        """Run a graph.

        Args:
            session: The graph.
            fed: Its inputs, as arrays or as what an earlier run has kept.
            fetched: Outputs to bring to the host.
            kept: Outputs to leave on the device.

        Returns:
            What was fetched, and what was kept.
        """
        binding = session.io_binding()
        for name, value in fed.items():
            if isinstance(value, ndarray):
                binding.bind_cpu_input(name, np.ascontiguousarray(value))
            else:
                binding.bind_ortvalue_input(name, value)
        for name in fetched:
            binding.bind_output(name, "cpu")
        for name in kept:
            binding.bind_output(name, self.kind, self.device_id)
        # Returns when the device has finished, so that another session may read what was kept.
        session.run_with_iobinding(binding)
        outputs = binding.get_outputs()
        return [value.numpy() for value in outputs[: len(fetched)]], outputs[len(fetched) :]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The decoder's memory of each row, on the device: [R, H] each."""

    memory: DeviceMemory
    hidden: OrtValue
    cell: OrtValue

    def taken(self, rows: Int64[ndarray, " K"]) -> "DeviceState":
        """Return the memory of these rows, in this order; nothing of it comes to the host."""
        if np.array_equal(rows, np.arange(self.hidden.shape()[0])):
            return self
        fed = {"hidden": self.hidden, "cell": self.cell, "rows": rows}
        _, (hidden, cell) = self.memory.run(self.memory.gather, fed, kept=("taken_hidden", "taken_cell"))
        return DeviceState(self.memory, hidden, cell)


def bindable(session: object) -> BindingSession:
    """Return a session as one whose inputs and outputs can be bound.

    Raises:
        DeviceError: If it is none.
    """
    if not isinstance(session, BindingSession):
        raise DeviceError(f"a session of type {type(session).__name__} cannot keep anything on the device")
    return session
