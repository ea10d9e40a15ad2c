"""encoder.onnx: token ids to the decoder's latent, all else that can be read off, and the sentence's embedding.

    token_ids int64 [B, T]   padded at the end; what stands there is never looked at
    lengths   int64 [B]      real tokens of each sentence, 1 to T
    noise     float [B, Z]   only where latents are drawn: what with, see `resay.models.bottlenecks`
    latent    float [B, Z]   what the decoder gets; beside it the bottleneck's other readings under their names
    embedding float [B, E]   Σ_t w(y_t) v(y_t) / Σ_t w(y_t), not normalised

Everything between is time-major: the CPU kernel of ONNX's LSTM takes [T, B, E] only, and a sum over the first
axis adds a padded step as an exact zero, so an embedding is the same, bit for bit, whatever shares its batch.
"""

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from resay.errors import ExportError
from resay.graphs.bottleneck_graph import ADDERS
from resay.graphs.builder import GraphBuilder
from resay.graphs.recurrent import add_encoder
from resay.graphs.weights import to_array
from resay.models import Autoencoder

GRAPH_NAME = "encoder"
SMALLEST_TOTAL_WEIGHT = 1e-12  # as in the model: no weight at all gives zeros, not 0/0


def build_encoder(model: Autoencoder) -> bytes:
    """Return encoder.onnx of a model.

    Raises:
        ExportError: If the model has a bottleneck that this graph does not know.
    """
    builder = GraphBuilder(GRAPH_NAME)
    token_ids = builder.integer_input("token_ids", ["B", "T"])
    lengths = builder.integer_input("lengths", ["B"])
    draws = model.bottleneck.noise != "none"
    noise = builder.float_input("noise", ["B", model.bottleneck.latent_size]) if draws else ""
    builder.float_output("embedding", ["B", model.settings.word_vector_size])

    steps = builder.node("Transpose", [token_ids], "token_ids_by_step", {"perm": [1, 0]})
    table = builder.constant("word_vectors", to_array(model.word_vectors.weight))
    vectors = builder.node("Gather", [table, steps], "sentence_vectors", {"axis": 0})
    add_readings(builder, model, vectors, lengths, noise)
    add_embedding(builder, model, steps, vectors, lengths)
    return builder.to_bytes()


def add_readings(builder: GraphBuilder, model: Autoencoder, vectors: str, lengths: str, noise: str) -> None:
    """Add an output [B, Z] for each reading: what the sentence's features come to in the bottleneck."""
    for name, value in readings_of(builder, model, vectors, lengths, noise).items():
        builder.float_output(builder.node("Identity", [value], name), ["B", model.bottleneck.latent_size])


def readings_of(builder: GraphBuilder, model: Autoencoder, vectors: str, lengths: str, noise: str) -> Mapping[str, str]:
    """Add the encoder and the bottleneck; return the name of each reading's value."""
    bottleneck = model.bottleneck
    if not bottleneck.reads_sentence:
        size = builder.node("Shape", [lengths], "num_sentences")
        shape = builder.node(
            "Concat", [size, builder.integers("latent_size", bottleneck.latent_size)], "latent_shape", {"axis": 0}
        )
        return {"latent": builder.node("ConstantOfShape", [shape], "nothing_read")}
    if type(bottleneck) not in ADDERS:
        raise ExportError(f"no ONNX graph is known of the bottleneck {type(bottleneck).__name__}")
    sequence_lens = builder.node("Cast", [lengths], "sequence_lens", {"to": TensorProto.INT32})
    features = add_encoder(builder, model.encoder, vectors, sequence_lens)
    return ADDERS[type(bottleneck)](builder, bottleneck, features, noise)


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
