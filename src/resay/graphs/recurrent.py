"""The encoder's recurrent layers as ONNX operators: torch's weights in ONNX's order."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from resay.graphs.builder import GraphBuilder
from resay.graphs.weights import onnx_gate_order, to_array
from resay.models.encoder import Encoder

Reorder = Callable[[Tensor], NDArray[np.float32]]

ONNX_DIRECTIONS: Mapping[str, str] = MappingProxyType(
    {"forward": "forward", "reverse": "reverse", "both": "bidirectional"}
)


def gru_gate_order(gates: Tensor) -> NDArray[np.float32]:
    """Reorder stacked gates [3·H, …] from torch's r, z, n to ONNX's z, r, h."""
    reset, update, new = np.split(to_array(gates), 3)
    return np.concatenate([update, reset, new])


CELL_OPERATORS: Mapping[str, tuple[str, Reorder, Mapping[str, int]]] = MappingProxyType(
    {"lstm": ("LSTM", onnx_gate_order, {}), "gru": ("GRU", gru_gate_order, {"linear_before_reset": 1})}
)
"""Operator, order of its gates, attributes; torch's GRU multiplies with the reset gate after the matrix product."""


def add_encoder(builder: GraphBuilder, encoder: Encoder, vectors: str, sequence_lens: str) -> str:
    """Add features [B, F]: the last layer's states where each direction ends, the directions joined.

    Args:
        builder: Takes the nodes.
        encoder: The module.
        vectors: Name of the word vectors, [T, B, E].
        sequence_lens: Name of the sentences' lengths, int32 [B]; each direction keeps within them.
    """
    states, last = vectors, ""
    for number, readers in enumerate(encoder.readers):
        states, last = add_layer(builder, encoder, recurrent_nets(readers), states, sequence_lens, f"encoder.{number}")
        if number + 1 < len(encoder.readers):
            states = join_directions(builder, states, f"encoder.{number}.states", [0, 2, 1, 3], [0, 0, -1])
    return join_directions(builder, last, "features", [1, 0, 2], [0, -1])


def add_layer(
    builder: GraphBuilder, encoder: Encoder, readers: Sequence[nn.RNNBase], inputs: str, sequence_lens: str, name: str
) -> tuple[str, str]:
    """Add one layer of D directions; return the names of all its states [T, D, B, H] and of the last ones [D, B, H]."""
    operator, reorder, attributes = CELL_OPERATORS[encoder.cell]
    weights, recurrences, biases = [], [], []
    for reader in readers:
        weight, recurrence, bias, recurrence_bias = (reorder(one) for one in reader.all_weights[0])
        weights.append(weight)
        recurrences.append(recurrence)
        biases.append(np.concatenate([bias, recurrence_bias]))
    builder.node(
        operator,
        [
            inputs,
            builder.constant(f"{name}.weight", np.stack(weights)),
            builder.constant(f"{name}.recurrence", np.stack(recurrences)),
            builder.constant(f"{name}.bias", np.stack(biases)),
            sequence_lens,
        ],
        [f"{name}.all", f"{name}.last"],
        {"hidden_size": encoder.hidden_size, "direction": ONNX_DIRECTIONS[encoder.direction], **attributes},
    )
    return f"{name}.all", f"{name}.last"


def recurrent_nets(layer: nn.Module) -> list[nn.RNNBase]:
    """Return the recurrent nets of a layer, one a direction."""
    return [reader for reader in layer.children() if isinstance(reader, nn.RNNBase)]


def join_directions(builder: GraphBuilder, states: str, name: str, order: list[int], shape: list[int]) -> str:
    """Put the axis of directions beside that of units, and make one of the two."""
    beside = builder.node("Transpose", [states], f"{name}.by_direction", {"perm": order})
    return builder.node("Reshape", [beside, builder.integers(f"{name}.shape", *shape)], name)
