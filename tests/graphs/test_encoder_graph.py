import numpy as np
import onnx
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resay.errors import ExportError
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.session import open_cpu_session
from resay.models.bottlenecks.identity import IdentityBottleneck

NAMES = ["latent", "embedding"]


def run_encoder(session, sentences):
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    token_ids = np.zeros((len(sentences), lengths.max()), dtype=np.int64)
    for row, sentence in zip(token_ids, sentences, strict=True):
        row[: len(sentence)] = sentence
    return session.run(NAMES, {"token_ids": token_ids, "lengths": lengths})


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_one_sentence_in_plain_loops(tiny_model, direction):
    model = tiny_model(direction=direction)
    sentence = [4, 9, 17, 6]
    latent, embedding = run_encoder(open_cpu_session(build_encoder(model)), [sentence, [5, 5, 5, 5, 5, 5]])

    vectors = model.word_vectors.weight.detach().double().numpy()
    weights = model.average.token_weights.double().numpy()
    expected = sum(weights[i] * vectors[i] for i in sentence) / sum(weights[i] for i in sentence)
    np.testing.assert_allclose(embedding[0], expected, atol=1e-6)

    w, r, b, c = (p.detach().double().numpy() for p in model.encoder.readers[0][0].parameters())
    hidden, cell = np.zeros(7), np.zeros(7)
    for word in sentence if direction == "forward" else sentence[::-1]:
        i, f, g, o = np.split(w @ vectors[word] + r @ hidden + b + c, 4)
        cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        hidden = np.tanh(cell) / (1 + np.exp(-o))
    np.testing.assert_allclose(latent[0], hidden, atol=1e-6)


def test_direction_matters(tiny_model):
    forward, reverse = tiny_model(direction="forward"), tiny_model(direction="reverse")
    sentence = [[4, 9, 17]]
    found = [run_encoder(open_cpu_session(build_encoder(model)), sentence)[0] for model in (forward, reverse)]
    assert np.abs(found[0] - found[1]).max() > 1e-3


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_batch_mates_change_nothing(tiny_model, data):
    session = open_cpu_session(build_encoder(tiny_model()))
    word = st.integers(1, 22)
    sentences = data.draw(st.lists(st.lists(word, min_size=1, max_size=12), min_size=2, max_size=6))
    together = run_encoder(session, sentences)
    for index, sentence in enumerate(sentences):
        latent, embedding = run_encoder(session, [sentence])
        np.testing.assert_allclose(together[0][index], latent[0], rtol=0, atol=1e-6)
        np.testing.assert_array_equal(together[1][index], embedding[0])


def test_what_stands_past_the_end_is_not_read(tiny_model):
    session = open_cpu_session(build_encoder(tiny_model()))
    lengths = np.array([2, 4])
    padded = np.array([[7, 8, 0, 0], [9, 9, 9, 9]])
    littered = np.array([[7, 8, 15, 3], [9, 9, 9, 9]])
    for expected, found in zip(
        session.run(NAMES, {"token_ids": padded, "lengths": lengths}),
        session.run(NAMES, {"token_ids": littered, "lengths": lengths}),
        strict=True,
    ):
        np.testing.assert_array_equal(expected, found)


def test_words_without_weight_give_zeros(tiny_model):
    model = tiny_model()
    with torch.no_grad():
        model.average.token_weights[[7, 8]] = 0.0
    _, embedding = run_encoder(open_cpu_session(build_encoder(model)), [[7, 8, 7], [7, 9, 10]])
    np.testing.assert_array_equal(embedding[0], np.zeros(5, np.float32))
    assert np.abs(embedding[1]).max() > 0


def test_inputs_and_outputs(tiny_model):
    graph = onnx.load_model_from_string(build_encoder(tiny_model())).graph
    shapes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in [*graph.input, *graph.output]
    }
    assert shapes == {"token_ids": ["B", "T"], "lengths": ["B"], "latent": ["B", 7], "embedding": ["B", 5]}


def test_an_unknown_bottleneck_is_refused(tiny_model):
    class Doubling(IdentityBottleneck):
        pass

    model = tiny_model()
    model.bottleneck = Doubling(7, 7)
    with pytest.raises(ExportError, match="no ONNX graph is known of the bottleneck Doubling"):
        build_encoder(model)
