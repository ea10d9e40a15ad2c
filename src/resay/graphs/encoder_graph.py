"""encoder.onnx: token ids to the decoder's latent and the sentence's embedding.

    token_ids int64 [B, T]   padded at the end; what stands there is never looked at
    lengths   int64 [B]      real tokens of each sentence, 1 to T
    latent    float [B, Z]   the LSTM's state after each sentence's own last token, in reading direction
    embedding float [B, E]   Σ_t w(y_t) v(y_t) / Σ_t w(y_t), not normalised

Everything between is time-major: the CPU kernel of ONNX's LSTM takes [T, B, E] only, and a sum over the first
axis adds a padded step as an exact zero, so an embedding is the same, bit for bit, whatever shares its batch.
"""

import numpy as np
from onnx import TensorProto

from resay.errors import ExportError
from resay.graphs.builder import GraphBuilder
from resay.graphs.weights import lstm_weights, onnx_gate_order, to_array
from resay.models import Autoencoder

GRAPH_NAME = "encoder"
SMALLEST_TOTAL_WEIGHT = 1e-12  # as in the model: no weight at all gives zeros, not 0/0


def build_encoder(model: Autoencoder) -> bytes:
    """Return encoder.onnx of a model.

    Raises:
        ExportError: If the model has a bottleneck or an encoder that this graph does not know.
    """
    if model.settings.latent != "none":
        raise ExportError(f'only models with the latent "none" can be exported; got {model.settings.latent!r}')
    builder = GraphBuilder(GRAPH_NAME)
    token_ids = builder.integer_input("token_ids", ["B", "T"])
    lengths = builder.integer_input("lengths", ["B"])
    builder.float_output("latent", ["B", model.bottleneck.latent_size])
    builder.float_output("embedding", ["B", model.settings.word_vector_size])

    steps = builder.node("Transpose", [token_ids], "token_ids_by_step", {"perm": [1, 0]})
    table = builder.constant("word_vectors", to_array(model.word_vectors.weight))
    vectors = builder.node("Gather", [table, steps], "sentence_vectors", {"axis": 0})
    add_latent(builder, model, vectors, lengths)
    add_embedding(builder, model, steps, vectors, lengths)
    return builder.to_bytes()


def add_latent(builder: GraphBuilder, model: Autoencoder, vectors: str, lengths: str) -> None:
    """Add latent [B, Z]: the LSTM stops, or starts when it reads backwards, at each sentence's own length."""
    lstm = lstm_weights(model.encoder.lstm, "encoder.lstm")
    biases = np.concatenate([onnx_gate_order(lstm.bias), onnx_gate_order(lstm.recurrence_bias)])
    last_state = builder.node(
        "LSTM",
        [
            vectors,
            builder.constant("encoder.weight", onnx_gate_order(lstm.weight)[np.newaxis]),
            builder.constant("encoder.recurrence", onnx_gate_order(lstm.recurrence)[np.newaxis]),
            builder.constant("encoder.bias", biases[np.newaxis]),
            builder.node("Cast", [lengths], "sequence_lens", {"to": TensorProto.INT32}),
        ],
        ["", "encoder_state"],
        {"hidden_size": model.encoder.lstm.hidden_size, "direction": model.encoder.direction},
    )
    builder.node("Squeeze", [last_state, builder.integers("direction_axis", 0)], "latent")


def add_embedding(builder: GraphBuilder, model: Autoencoder, steps: str, vectors: str, lengths: str) -> None:
    """Add embedding [B, E]: the weighted average of the word vectors of each sentence's real tokens."""
    num_steps = builder.node("Shape", [steps], "num_steps", {"start": 0, "end": 1})
    zero = builder.constant("zero", np.array(0, dtype=np.int64))
    one = builder.constant("one", np.array(1, dtype=np.int64))
    step_axis = builder.integers("step_axis", 0)
    last_axis = builder.integers("last_axis", -1)
    limit = builder.node("Squeeze", [num_steps, step_axis], "step_limit")
    positions = builder.node("Range", [zero, limit, one], "positions")
    positions = builder.node("Unsqueeze", [positions, last_axis], "positions_column")
    is_real = builder.node("Less", [positions, lengths], "is_real")

    token_weights = builder.constant("token_weights", to_array(model.average.token_weights))
    weights = builder.node("Gather", [token_weights, steps], "unmasked_weights", {"axis": 0})
    weights = builder.node(
        "Where", [is_real, weights, builder.constant("no_weight", np.array([0.0], np.float32))], "weights"
    )
    weights = builder.node("Unsqueeze", [weights, last_axis], "weights_column")
    weighted = builder.node("Mul", [vectors, weights], "weighted_vectors")
    weighted_sum = builder.node("ReduceSum", [weighted, step_axis], "weighted_sum", {"keepdims": 0})
    total = builder.node("ReduceSum", [weights, step_axis], "total_weight", {"keepdims": 0})
    floor = builder.constant("smallest_total_weight", np.array([SMALLEST_TOTAL_WEIGHT], np.float32))
    builder.node("Div", [weighted_sum, builder.node("Max", [total, floor], "divisor")], "embedding")
