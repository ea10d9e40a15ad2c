"""A few lines around `onnx.helper` that make a graph read like the formula it computes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from resay.errors import ExportError

# Fixed, and with them the file's bytes: the same weights give the same file whatever wrote it.
OPSET_VERSION = 20
IR_VERSION = 10
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators; a file names the domain only if it uses one
MICROSOFT_VERSION = 1
PRODUCER_NAME = "resay"
PRODUCER_VERSION = "1"
LARGEST_FILE = 2**31 - 1  # protobuf's own limit

Axes = Sequence[str | int]


class GraphBuilder:
    """Collects constants and nodes in the order of the calls, then closes them into one model.

    Values are names: `constant` and `node` return the name of what they add, for use as an input further on.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.nodes: list[onnx.NodeProto] = []

    def integer_input(self, name: str, axes: Axes) -> str:
        """Declare an int64 input; string axes are free."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, list(axes)))
        return name

    def float_input(self, name: str, axes: Axes) -> str:
        """Declare a float32 input; string axes are free."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(axes)))
        return name

    def integer_output(self, name: str, axes: Axes) -> None:
        """Declare the value called `name` an int64 output."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, list(axes)))

    def float_output(self, name: str, axes: Axes) -> None:
        """Declare the value called `name` a float32 output."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(axes)))

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Store an array in the file."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def integers(self, name: str, *values: int) -> str:
        """Store a one-dimensional int64 array, the form in which operators take axes."""
        return self.constant(name, np.array(values, dtype=np.int64))

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str | Sequence[str],
        attributes: Mapping[str, Any] | None = None,
        *,
        domain: str = "",
    ) -> str:
        """Add one operator and return the name of its first output; "" leaves out one that is optional."""
        outputs = [output] if isinstance(output, str) else list(output)
        self.nodes.append(helper.make_node(operator, list(inputs), outputs, domain=domain, **(attributes or {})))
        return next(name for name in outputs if name)

    def to_bytes(self) -> bytes:
        """Return the checked model as the bytes of one .onnx file.

        Raises:
            ExportError: If the file would pass protobuf's 2 GiB.
            onnx.checker.ValidationError: If the graph is malformed.
        """
        num_bytes = sum(len(tensor.raw_data) for tensor in self.constants)
        if num_bytes > LARGEST_FILE - 2**20:
            raise ExportError(
                f"the {self.name} graph holds {num_bytes / 1e9:.1f} GB of weights, and an ONNX file at most"
                " 2.1 GB; train with a smaller vocabulary or smaller word vectors"
            )
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET_VERSION)]
        if any(node.domain == MICROSOFT for node in self.nodes):
            opsets.append(helper.make_opsetid(MICROSOFT, MICROSOFT_VERSION))
        model = helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=IR_VERSION,
            producer_name=PRODUCER_NAME,
            producer_version=PRODUCER_VERSION,
        )
        onnx.checker.check_model(model, full_check=True)
        serialized: bytes = model.SerializeToString(deterministic=True)
        return serialized
