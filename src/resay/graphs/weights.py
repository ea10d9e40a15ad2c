"""Torch modules as constants: one place that knows how torch and ONNX lay their weights out."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from resay.errors import ExportError
from resay.graphs.builder import GraphBuilder


def to_array(tensor: Tensor) -> NDArray[np.float32]:
    """Return a parameter or buffer as a float32 array."""
    array: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return array


def add_linear(builder: GraphBuilder, name: str, inputs: str, weight: Tensor, bias: Tensor) -> str:
    """Add y = x Wᵀ + b under the name `name`, as the MatMul and Add that quantisation knows; return it."""
    product = builder.node(
        "MatMul", [inputs, builder.constant(f"{name}.weight", to_array(weight).T)], f"{name}.product"
    )
    return builder.node("Add", [product, builder.constant(f"{name}.bias", to_array(bias))], name)


class LstmWeights(NamedTuple):
    """The parameters of a single-layer LSTM, gates stacked in torch's order: input, forget, cell, output."""

    weight: Float[Tensor, "G E"]
    recurrence: Float[Tensor, "G H"]
    bias: Float[Tensor, " G"]
    recurrence_bias: Float[Tensor, " G"]


def lstm_weights(lstm: nn.LSTM, name: str) -> LstmWeights:
    """Return the parameters of an LSTM of the one kind the graphs know.

    Raises:
        ExportError: If it has several layers, two directions, a projection or no biases.
    """
    if lstm.num_layers != 1 or lstm.bidirectional or lstm.proj_size or not lstm.bias:
        raise ExportError(
            f"{name} must be a single-layer, one-directional LSTM with biases and no projection; got {lstm}"
        )
    return LstmWeights(*lstm.all_weights[0])


def onnx_gate_order(gates: Tensor) -> NDArray[np.float32]:
    """Reorder stacked gates [4·H, …] from torch's i, f, g, o to ONNX's i, o, f, c (its c is torch's g)."""
    input_gate, forget_gate, cell_gate, output_gate = np.split(to_array(gates), 4)
    return np.concatenate([input_gate, output_gate, forget_gate, cell_gate])
