"""The step's large matrices as int8, multiplied in whole numbers.

A product x Wᵀ becomes (s_x s_n) Σ_d x̂_d ŵ_nd with whole x̂ and ŵ: the sum is exact, so a row's result does not depend on
the order of adding, the rows beside it, the number of threads or the processor's instructions. What ONNX Runtime's
`quantize_dynamic` writes takes *one* s_x for all rows of a call, and so a row's words would depend on who else is being
served. Here s_x is fixed where x is bounded, and the row's own where it is not.

x̂ has seven bits, from −63 to 63, stored with 64 added: processors without VNNI add pairs of products in 16 bits, which
two products of 8-bit numbers overflow and 2 · 127 · 127 does not. The eighth bit would change no measure of
reconstruction.
"""

import numpy as np
from jaxtyping import Float, Float32
from numpy import ndarray
from onnx import TensorProto
from torch import Tensor

from resay.graphs.builder import MICROSOFT, GraphBuilder
from resay.graphs.decoder_step_graph import NEVER_SAID
from resay.graphs.rounding import RoundedMatrix, round_rows, round_rows_for
from resay.graphs.weights import to_array

INPUT_LEVELS = 63
INPUT_ZERO = 64
SMALLEST_ROW = 1e-12  # a row of zeros is divided by this instead of 0


class Int8Layers:
    """Word vectors, gates and output layer as int8; see `resay.graphs.decoder_step_graph.StepLayers`.

    Args:
        hidden_states: States of the decoder on sentences like those it will say; the output layer is rounded so
            that their logits change least.
    """

    def __init__(self, hidden_states: Float32[ndarray, "samples H"]) -> None:
        self.hidden_states = hidden_states

    def add_word_vectors(self, builder: GraphBuilder, table: Float[Tensor, "V E"]) -> str:
        """Add v = s[token] · levels[token]; only the rows that are asked for are turned into floats."""
        rounded = round_rows(to_array(table))
        levels, scales = rounded.levels, rounded.scales[:, np.newaxis]
        rows = builder.node(
            "Gather", [builder.constant("word_vectors", levels), "token_ids"], "token_levels", {"axis": 0}
        )
        scale = builder.node(
            "Gather", [builder.constant("word_vectors.scale", scales), "token_ids"], "token_scales", {"axis": 0}
        )
        floats = builder.node("Cast", [rows], "token_floats", {"to": TensorProto.FLOAT})
        return builder.node("Mul", [floats, scale], "token_vectors")

    def add_gates(
        self, builder: GraphBuilder, inputs: str, weight: Float[Tensor, "G D"], bias: Float[Tensor, " G"]
    ) -> str:
        """Add x Wᵀ + b, each row of x divided by its own largest entry, which multiplies the product again."""
        sizes = builder.node("Abs", [inputs], "gates.sizes")
        largest = builder.node("ReduceMax", [sizes, builder.integers("gates.axis", -1)], "gates.largest")
        floor = builder.constant("gates.smallest_row", np.array([SMALLEST_ROW], np.float32))
        divisor = builder.node("Max", [largest, floor], "gates.row_scale")
        bounded = builder.node("Div", [inputs, divisor], "gates.bounded")
        product = add_product(builder, "gates", bounded, round_rows(to_array(weight)), None)
        scaled = builder.node("Mul", [product, divisor], "gates.scaled")
        return builder.node("Add", [scaled, builder.constant("gates.bias", to_array(bias))], "gates")

    def add_logits(
        self, builder: GraphBuilder, hidden: str, weight: Float[Tensor, "V H"], bias: Float[Tensor, " V"]
    ) -> str:
        """Add h (W − μ)ᵀ + b, μ being the mean of W's rows.

        Taking μ away moves all logits of a row by the same h μ, which log-softmax does not see, and leaves smaller
        numbers to be rounded.
        """
        centred = to_array(weight) - np.delete(to_array(weight), NEVER_SAID, axis=0).mean(axis=0)
        centred[list(NEVER_SAID)] = 0.0
        rounded = round_rows_for(centred, self.hidden_states)
        return add_product(builder, "logits", hidden, rounded, bias)


def add_product(builder: GraphBuilder, name: str, inputs: str, weight: RoundedMatrix, bias: Tensor | None) -> str:
    """Add x Wᵀ, plus b where there is one, for x between −1 and 1; return its name."""
    step = builder.constant(f"{name}.input_scale", np.array(1 / INPUT_LEVELS, np.float32))
    zero = builder.constant(f"{name}.input_zero", np.array(INPUT_ZERO, np.uint8))
    levels = builder.node("QuantizeLinear", [inputs, step, zero], f"{name}.input_levels")
    operands = [
        levels,
        builder.constant(f"{name}.weight", weight.levels.T),
        step,
        builder.constant(f"{name}.weight_scale", weight.scales),
        zero,
        builder.constant(f"{name}.weight_zero", np.array(0, np.int8)),
    ]
    if bias is None:
        return builder.node("MatMulIntegerToFloat", operands, f"{name}.product", domain=MICROSOFT)
    operands.append(builder.constant(f"{name}.bias", to_array(bias)))
    return builder.node("MatMulIntegerToFloat", operands, name, domain=MICROSOFT)
