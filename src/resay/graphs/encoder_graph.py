"""encoder.onnx: token ids to the decoder's latent, all else that can be read off, and the sentence's embedding.

    token_ids int64 [B, T]   padded at the end; what stands there is never looked at
    lengths   int64 [B]      real tokens of each sentence, 1 to T
    noise     float [B, Z]   only where latents are drawn: what with, see `resay.models.bottlenecks`
    latent    float [B, Z]   what the decoder gets; beside it the bottleneck's other readings under their names
    average   float [B, E]   Σ_t w(y_t) v(y_t) / Σ_t w(y_t) over token_ids, not normalised

and with an embedder (`resay.models.embedder`), which reads ids of its own,

    lexicon_ids     int64 [C, S]   what `resay.text.lexicon` gives for sentences, padded at the end
    lexicon_lengths int64 [C]      real ids of each, 1 to S
    embedding       float [C, D]   the same formula over lexicon_ids, whitened vectors and other weights

C need not be B: whoever wants embeddings alone gives one word as token_ids, and the other way round. Without an
embedder, `embedding` is the name of the average.

Everything between is time-major: the CPU kernel of ONNX's LSTM takes [T, B, E] only, and a sum over the first
axis adds a padded step as an exact zero, so an embedding is the same, bit for bit, whatever shares its batch.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, Int8
from numpy import ndarray
from onnx import TensorProto

from resay.errors import ExportError
from resay.graphs.bottleneck_graph import ADDERS
from resay.graphs.builder import GraphBuilder
from resay.graphs.recurrent import add_encoder
from resay.graphs.weights import to_array
from resay.models import Autoencoder
from resay.models.embedder import SentenceEmbedder
from resay.vectors.eight_bits import from_codes, to_codes

GRAPH_NAME = "encoder"
AVERAGE, EMBEDDING = "average", "embedding"
LEXICON_IDS, LEXICON_LENGTHS = "lexicon_ids", "lexicon_lengths"
SMALLEST_TOTAL_WEIGHT = 1e-12  # as in the model: no weight at all gives zeros, not 0/0


def build_encoder(model: Autoencoder, embedder: SentenceEmbedder | None = None) -> bytes:
    """Return encoder.onnx of a model, with its embedder if it has one.

    Raises:
        ExportError: If the model has a bottleneck that this graph does not know.
    """
    builder = GraphBuilder(GRAPH_NAME)
    token_ids = builder.integer_input("token_ids", ["B", "T"])
    lengths = builder.integer_input("lengths", ["B"])
    draws = model.bottleneck.noise != "none"
    noise = builder.float_input("noise", ["B", model.bottleneck.latent_size]) if draws else ""
    average = AVERAGE if embedder else EMBEDDING
    builder.float_output(average, ["B", model.settings.word_vector_size])

    steps = builder.node("Transpose", [token_ids], "token_ids_by_step", {"perm": [1, 0]})
    vectors = add_lookup(builder, "word_vectors", to_array(model.word_vectors.weight), steps)
    add_readings(builder, model, vectors, lengths, noise)
    add_average(builder, average, vectors, to_array(model.average.token_weights), steps, lengths)
    if embedder is not None:
        add_embedding(builder, embedder)
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


def add_embedding(builder: GraphBuilder, embedder: SentenceEmbedder) -> None:
    """Add the inputs of an embedder, and embedding [B, D]."""
    ids = builder.integer_input(LEXICON_IDS, ["C", "S"])
    lengths = builder.integer_input(LEXICON_LENGTHS, ["C"])
    builder.float_output(EMBEDDING, ["C", embedder.size])
    steps = builder.node("Transpose", [ids], "lexicon_ids_by_step", {"perm": [1, 0]})
    rows = builder.constant("lexicon_rows", embedder.rows.numpy().astype(np.int32))
    row_steps = builder.node("Gather", [rows, steps], "rows_by_step", {"axis": 0})
    codes, scales = embedder.codes.numpy(), embedder.scales.numpy()
    vectors = add_scaled_lookup(builder, "lexicon_vectors", codes, scales, row_steps)
    add_average(builder, EMBEDDING, vectors, to_array(embedder.weights), steps, lengths)


def add_lookup(builder: GraphBuilder, name: str, table: Float32[ndarray, "V E"], steps: str) -> str:
    """Add the rows [T, B, E] of a table; kept in 8 bits a component where these say it exactly."""
    codes, scales = to_codes(table)
    if np.array_equal(from_codes(codes, scales), table):
        return add_scaled_lookup(builder, name, codes, scales, steps)
    return builder.node("Gather", [builder.constant(name, table), steps], f"{name}.found", {"axis": 0})


def add_scaled_lookup(
    builder: GraphBuilder, name: str, codes: Int8[ndarray, "V E"], scales: Float32[ndarray, " V"], steps: str
) -> str:
    """Add the rows [T, B, E] of the table scale · code."""
    found = builder.node("Gather", [builder.constant(f"{name}.codes", codes), steps], f"{name}.found", {"axis": 0})
    numbers = builder.node("Cast", [found], f"{name}.numbers", {"to": TensorProto.FLOAT})
    column = builder.constant(f"{name}.scales", scales[:, None])
    found_scales = builder.node("Gather", [column, steps], f"{name}.found_scales", {"axis": 0})
    return builder.node("Mul", [numbers, found_scales], f"{name}.scaled")


def add_average(
    builder: GraphBuilder, name: str, vectors: str, weights: Float32[ndarray, " V"], steps: str, lengths: str
) -> None:
    """Add the weighted average [B, E] of the vectors [T, B, E] of each sentence's real tokens, called `name`."""
    num_steps = builder.node("Shape", [steps], f"{name}.num_steps", {"start": 0, "end": 1})
    zero = builder.constant(f"{name}.zero", np.array(0, dtype=np.int64))
    one = builder.constant(f"{name}.one", np.array(1, dtype=np.int64))
    step_axis = builder.integers(f"{name}.step_axis", 0)
    last_axis = builder.integers(f"{name}.last_axis", -1)
    limit = builder.node("Squeeze", [num_steps, step_axis], f"{name}.step_limit")
    positions = builder.node("Range", [zero, limit, one], f"{name}.positions")
    positions = builder.node("Unsqueeze", [positions, last_axis], f"{name}.positions_column")
    is_real = builder.node("Less", [positions, lengths], f"{name}.is_real")

    table = builder.constant(f"{name}.token_weights", weights)
    found = builder.node("Gather", [table, steps], f"{name}.unmasked_weights", {"axis": 0})
    no_weight = builder.constant(f"{name}.no_weight", np.array([0.0], np.float32))
    found = builder.node("Where", [is_real, found, no_weight], f"{name}.weights")
    found = builder.node("Unsqueeze", [found, last_axis], f"{name}.weights_column")
    weighted = builder.node("Mul", [vectors, found], f"{name}.weighted_vectors")
    weighted_sum = builder.node("ReduceSum", [weighted, step_axis], f"{name}.weighted_sum", {"keepdims": 0})
    total = builder.node("ReduceSum", [found, step_axis], f"{name}.total_weight", {"keepdims": 0})
    floor = builder.constant(f"{name}.smallest_total_weight", np.array([SMALLEST_TOTAL_WEIGHT], np.float32))
    builder.node("Div", [weighted_sum, builder.node("Max", [total, floor], f"{name}.divisor")], name)
