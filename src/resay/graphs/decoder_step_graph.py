"""decoder_step.onnx: one step of the decoder for R rows at once, up to the K best next words of each.

    token_ids      int64 [R]      the word each row said last; the begin mark starts a row
    latent         float [R, Z]   what the row is about
    hidden, cell   float [R, H]   the row's state; ignored where the row starts
    num_candidates int64 [1]      K, at most V − 3
    candidate_ids  int64 [R, K]   the most probable next words, best first
    log_probs      float [R, K]   their log probabilities, among the words that may be said
    next_hidden, next_cell        float [R, H]

The loop over steps stays outside: it is where beams, sampling and stopping differ. The gates are one matrix
product rather than ONNX's LSTM operator, which is no faster at one step, and LogSoftmax comes before TopK
because its kernel is vectorised and that of ReduceLogSumExp is not. TopK over the best of each of 8 to 32 stripes
of the vocabulary first gives the same and is no faster.
"""

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from resay.graphs.builder import GraphBuilder
from resay.graphs.weights import add_linear, lstm_weights, to_array
from resay.models import Autoencoder
from resay.text import BOS_ID, PAD_ID, UNK_ID

GRAPH_NAME = "decoder_step"
NEVER_SAID = (PAD_ID, UNK_ID, BOS_ID)
MASKED_BIAS = -1e9  # exp of it is exactly 0, and unlike −inf it survives quantisation


@runtime_checkable
class StepLayers(Protocol):
    """How the step's three large matrices are stored and multiplied; each method returns the name of its output."""

    def add_word_vectors(self, builder: GraphBuilder, table: Float[Tensor, "V E"]) -> str:
        """Add the word vectors of `token_ids`, [R, E]."""

    def add_gates(
        self, builder: GraphBuilder, inputs: str, weight: Float[Tensor, "G D"], bias: Float[Tensor, " G"]
    ) -> str:
        """Add the LSTM's gates before their nonlinearities, [R, G], of inputs [R, D] without a bound."""

    def add_logits(
        self, builder: GraphBuilder, hidden: str, weight: Float[Tensor, "V H"], bias: Float[Tensor, " V"]
    ) -> str:
        """Add logits [R, V], up to a constant for each row, of hidden states [R, H] between −1 and 1."""


class FloatLayers:
    """Everything in float32, as it was trained."""

    def add_word_vectors(self, builder: GraphBuilder, table: Float[Tensor, "V E"]) -> str:
        """Add one Gather."""
        return builder.node(
            "Gather", [builder.constant("word_vectors", to_array(table)), "token_ids"], "token_vectors", {"axis": 0}
        )

    def add_gates(
        self, builder: GraphBuilder, inputs: str, weight: Float[Tensor, "G D"], bias: Float[Tensor, " G"]
    ) -> str:
        """Add x Wᵀ + b."""
        return add_linear(builder, "gates", inputs, weight, bias)

    def add_logits(
        self, builder: GraphBuilder, hidden: str, weight: Float[Tensor, "V H"], bias: Float[Tensor, " V"]
    ) -> str:
        """Add h Wᵀ + b."""
        return add_linear(builder, "logits", hidden, weight, bias)


def build_decoder_step(model: Autoencoder, layers: StepLayers | None = None) -> bytes:
    """Return decoder_step.onnx of a model.

    Args:
        model: The model.
        layers: How its large matrices are stored; as float32 if not given.

    Raises:
        ExportError: If the decoder's LSTM is of a kind that this graph does not know.
    """
    layers = layers or FloatLayers()
    latent_size = model.bottleneck.latent_size
    hidden_size = model.decoder.lstm.hidden_size
    builder = GraphBuilder(GRAPH_NAME)
    builder.integer_input("token_ids", ["R"])
    builder.float_input("latent", ["R", latent_size])
    builder.float_input("hidden", ["R", hidden_size])
    builder.float_input("cell", ["R", hidden_size])
    builder.integer_input("num_candidates", [1])
    builder.integer_output("candidate_ids", ["R", "K"])
    builder.float_output("log_probs", ["R", "K"])
    builder.float_output("next_hidden", ["R", hidden_size])
    builder.float_output("next_cell", ["R", hidden_size])

    hidden, cell = add_row_state(builder, model)
    next_hidden = add_lstm_step(builder, model, layers, hidden, cell)
    bias = masked_bias(model.decoder.output.bias)
    logits = layers.add_logits(builder, next_hidden, model.decoder.output.weight.detach(), bias)
    scores = builder.node("LogSoftmax", [logits], "scores", {"axis": -1})
    builder.node("TopK", [scores, "num_candidates"], ["log_probs", "candidate_ids"], {"axis": -1})
    return builder.to_bytes()


def masked_bias(bias: Tensor) -> Tensor:
    """Return the output bias with the words that are never said pushed out of reach."""
    masked = bias.detach().clone()
    masked[list(NEVER_SAID)] = MASKED_BIAS
    return masked


def add_row_state(builder: GraphBuilder, model: Autoencoder) -> tuple[str, str]:
    """Add the state each row goes on from: c₀ = W z + b, h₀ = tanh c₀ where it starts, else what was fed."""
    to_cell = model.decoder.latent_to_cell
    start_cell = add_linear(builder, "start_cell", "latent", to_cell.weight, to_cell.bias)
    start_hidden = builder.node("Tanh", [start_cell], "start_hidden")
    begin = builder.constant("begin_id", np.array(BOS_ID, dtype=np.int64))
    starts = builder.node("Equal", ["token_ids", begin], "starts")
    starts = builder.node("Unsqueeze", [starts, builder.integers("last_axis", -1)], "starts_column")
    hidden = builder.node("Where", [starts, start_hidden, "hidden"], "row_hidden")
    cell = builder.node("Where", [starts, start_cell, "cell"], "row_cell")
    return hidden, cell


def add_lstm_step(builder: GraphBuilder, model: Autoencoder, layers: StepLayers, hidden: str, cell: str) -> str:
    """Add one LSTM step on x = v(token) + W z + b, torch's gate order i, f, g, o kept; return next_hidden."""
    lstm, to_input = lstm_weights(model.decoder.lstm, "decoder.lstm"), model.decoder.latent_to_input
    vectors = layers.add_word_vectors(builder, model.word_vectors.weight.detach())
    latent_input = add_linear(builder, "latent_input", "latent", to_input.weight, to_input.bias)
    inputs = builder.node("Add", [vectors, latent_input], "lstm_input")

    joined = builder.node("Concat", [inputs, hidden], "input_and_hidden", {"axis": 1})
    weight = torch.cat([lstm.weight, lstm.recurrence], dim=1).detach()
    gates = layers.add_gates(builder, joined, weight, (lstm.bias + lstm.recurrence_bias).detach())
    names = ["input_gate", "forget_gate", "cell_gate", "output_gate"]
    builder.node("Split", [gates], names, {"axis": 1, "num_outputs": len(names)})
    write = builder.node("Sigmoid", ["input_gate"], "write")
    keep = builder.node("Sigmoid", ["forget_gate"], "keep")
    proposal = builder.node("Tanh", ["cell_gate"], "proposal")
    show = builder.node("Sigmoid", ["output_gate"], "show")
    kept = builder.node("Mul", [keep, cell], "kept")
    written = builder.node("Mul", [write, proposal], "written")
    next_cell = builder.node("Add", [kept, written], "next_cell")
    return builder.node("Mul", [show, builder.node("Tanh", [next_cell], "shown_cell")], "next_hidden")
