import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from resay.graphs import int8_layers
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.int8_layers import Int8Layers
from resay.graphs.rounding import TOP_LEVEL
from resay.graphs.session import open_cpu_session
from resay.text import BOS_ID, EOS_ID, PAD_ID, UNK_ID

NAMES = ["candidate_ids", "log_probs", "next_hidden", "next_cell"]
SIZES = {"vocab_size": 301, "word_vector_size": 33, "hidden_size": 65}


def int8_step(model):
    samples = np.random.default_rng(0).uniform(-1, 1, (500, model.settings.hidden_size)).astype(np.float32)
    return build_decoder_step(model, Int8Layers(samples))


def feeds_of(num_rows, seed=0, num_candidates=SIZES["vocab_size"] - 3):
    rng = np.random.default_rng(seed)
    states = {name: rng.standard_normal((num_rows, 65), dtype=np.float32) for name in ("latent", "cell")}
    hidden = rng.uniform(-1, 1, (num_rows, 65)).astype(np.float32)
    token_ids = rng.integers(EOS_ID, SIZES["vocab_size"], num_rows)
    token_ids[::4] = BOS_ID
    return states | {
        "token_ids": token_ids,
        "hidden": hidden,
        "num_candidates": np.array([num_candidates], dtype=np.int64),
    }


def rows_of(feeds, rows):
    return {name: values if name == "num_candidates" else values[rows] for name, values in feeds.items()}


def by_word(outputs):
    log_probs = np.full((len(outputs[0]), SIZES["vocab_size"]), -np.inf)
    np.put_along_axis(log_probs, outputs[0], outputs[1].astype(float), axis=1)
    return log_probs


@pytest.fixture
def model(tiny_model):
    return tiny_model(**SIZES)


@pytest.fixture
def session(model):
    return open_cpu_session(int8_step(model))


def test_close_to_float32(model, session):
    """Random weights of up to 0.8 are far wilder than trained ones: inputs of the gates reach 12."""
    feeds = feeds_of(40)
    expected = open_cpu_session(build_decoder_step(model)).run(NAMES, feeds)
    found = session.run(NAMES, feeds)
    sayable = np.delete(np.arange(SIZES["vocab_size"]), [PAD_ID, UNK_ID, BOS_ID])
    log_probs = (by_word(outputs)[:, sayable] for outputs in (found, expected))
    assert 0 < root_mean_square_difference(*log_probs) < 0.12
    assert 0 < root_mean_square_difference(found[2], expected[2]) < 0.03
    assert 0 < root_mean_square_difference(found[3], expected[3]) < 0.08


def root_mean_square_difference(one, other):
    return np.sqrt(np.square(one - other).mean())


def test_the_formula_in_plain_numpy(model):
    graph_bytes = int8_step(model)
    graph = onnx.load_model_from_string(graph_bytes).graph
    stored = {tensor.name: numpy_helper.to_array(tensor).astype(float) for tensor in graph.initializer}
    feeds = rows_of(feeds_of(2), [1])
    assert feeds["token_ids"][0] != BOS_ID
    word, latent, hidden, cell = (feeds[name][0] for name in ("token_ids", "latent", "hidden", "cell"))

    def product(name, bounded):
        levels = np.rint(bounded * 63)
        assert np.abs(levels).max() <= 63
        return levels @ stored[f"{name}.weight"] / 63 * stored[f"{name}.weight_scale"]

    inputs = stored["word_vectors"][word] * stored["word_vectors.scale"][word]
    inputs = inputs + latent.astype(float) @ stored["latent_input.weight"] + stored["latent_input.bias"]
    row = np.concatenate([inputs, hidden])
    largest = np.abs(row).max()
    i, f, g, o = np.split(product("gates", row / largest) * largest + stored["gates.bias"], 4)
    cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    hidden = np.tanh(cell) / (1 + np.exp(-o))
    logits = product("logits", hidden) + stored["logits.bias"]
    expected = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()

    found = open_cpu_session(graph_bytes).run(NAMES, feeds)
    np.testing.assert_allclose(found[3][0], cell, atol=1e-5)
    np.testing.assert_allclose(found[2][0], hidden, atol=1e-5)
    np.testing.assert_allclose(found[1][0], expected[found[0][0]], atol=1e-4)


def test_batch_mates_change_not_one_bit(session):
    feeds = feeds_of(70)
    for name in ("latent", "cell"):
        feeds[name][7] *= 1000  # one scale for the whole call would leave the others nothing
    together = session.run(NAMES, feeds)
    for rows in ([3], [7], [4, 3], list(range(16)), list(range(69, -1, -1))):
        for one, all_rows in zip(session.run(NAMES, rows_of(feeds, rows)), together, strict=True):
            np.testing.assert_array_equal(one, all_rows[rows])


def test_the_number_of_threads_changes_not_one_bit(model):
    found = []
    for num_threads in (1, 2, 3):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        session = onnxruntime.InferenceSession(int8_step(model), options, providers=["CPUExecutionProvider"])
        found.append(session.run(NAMES, feeds_of(64)))
    for other in found[1:]:
        for one, another in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, another)


def test_masked_words_never_come_out(tiny_model):
    model = tiny_model(**SIZES)
    with torch.no_grad():
        model.decoder.output.bias[[PAD_ID, UNK_ID, BOS_ID]] = 50.0
        model.decoder.output.weight[[PAD_ID, UNK_ID, BOS_ID]] = 50.0
    ids, log_probs, *_ = open_cpu_session(int8_step(model)).run(NAMES, feeds_of(9))
    assert not np.isin(ids, [PAD_ID, UNK_ID, BOS_ID]).any()
    np.testing.assert_allclose(np.exp(log_probs.astype(float)).sum(axis=1), 1.0, atol=1e-5)
    assert (np.diff(log_probs, axis=1) <= 0).all()


def test_rows_that_start_ignore_their_state(session):
    feeds = feeds_of(8)
    other = feeds | {"hidden": feeds["hidden"].copy(), "cell": feeds["cell"].copy()}
    starting = feeds["token_ids"] == BOS_ID
    other["hidden"][starting], other["cell"][starting] = np.nan, np.inf
    for before, after in zip(session.run(NAMES, feeds), session.run(NAMES, other), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_row_of_zeros_is_a_number(tiny_model):
    model = tiny_model(**SIZES)
    with torch.no_grad():
        model.word_vectors.weight[9] = 0.0
        model.decoder.latent_to_input.bias[:] = 0.0
    zeros = np.zeros((1, 65), np.float32)
    feeds = {"token_ids": np.array([9]), "latent": zeros, "hidden": zeros, "cell": zeros}
    outputs = open_cpu_session(int8_step(model)).run(NAMES, feeds | {"num_candidates": np.array([5])})
    assert all(np.isfinite(values).all() for values in outputs)


def test_nothing_large_is_left_in_floats(model):
    float32, int8 = (onnx.load_model_from_string(data) for data in (build_decoder_step(model), int8_step(model)))
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in float32.graph.initializer}
    large = {"word_vectors", "gates.weight", "logits.weight"}
    assert sorted(sizes, key=lambda name: sizes[name])[-3:] == sorted(large, key=lambda name: sizes[name])
    kinds = {tensor.name: tensor.data_type for tensor in int8.graph.initializer}
    assert {kinds[name] for name in large} == {onnx.TensorProto.INT8}
    assert {opset.domain for opset in float32.opset_import} == {""}
    assert {opset.domain for opset in int8.opset_import} == {"", "com.microsoft"}


def test_same_model_gives_same_bytes(model):
    assert int8_step(model) == int8_step(model)


def test_two_products_fit_sixteen_bits():
    """Without VNNI, pairs of products of unsigned inputs and signed weights are added in 16 bits, saturating."""
    largest_input = int8_layers.INPUT_ZERO + int8_layers.INPUT_LEVELS
    assert int8_layers.INPUT_ZERO - int8_layers.INPUT_LEVELS >= 0
    assert 2 * largest_input * TOP_LEVEL < 2**15
