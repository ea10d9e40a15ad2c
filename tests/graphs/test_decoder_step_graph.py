import numpy as np
import onnx
import pytest
import torch

from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.session import open_cpu_session
from resay.text import BOS_ID, PAD_ID, UNK_ID

NAMES = ["candidate_ids", "log_probs", "next_hidden", "next_cell"]
VOCAB_SIZE = 23


def feeds_of(token_ids, num_candidates, seed=0, hidden_size=7):
    rng = np.random.default_rng(seed)
    return {
        "token_ids": np.array(token_ids, dtype=np.int64),
        **{
            name: rng.standard_normal((len(token_ids), hidden_size), dtype=np.float32)
            for name in ("latent", "hidden", "cell")
        },
        "num_candidates": np.array([num_candidates], dtype=np.int64),
    }


@pytest.fixture
def session(tiny_model):
    return open_cpu_session(build_decoder_step(tiny_model()))


def test_one_row_in_plain_numpy(tiny_model):
    model = tiny_model()
    feeds = feeds_of([9], VOCAB_SIZE - 3)
    ids, log_probs, next_hidden, next_cell = open_cpu_session(build_decoder_step(model)).run(NAMES, feeds)

    def linear(layer, x):
        return layer.weight.detach().double().numpy() @ x + layer.bias.detach().double().numpy()

    latent, hidden, cell = (feeds[name][0].astype(float) for name in ("latent", "hidden", "cell"))
    w, r, b, c = (p.detach().double().numpy() for p in model.decoder.lstm.parameters())
    inputs = model.word_vectors.weight[9].double().numpy() + linear(model.decoder.latent_to_input, latent)
    i, f, g, o = np.split(w @ inputs + r @ hidden + b + c, 4)
    cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    hidden = np.tanh(cell) / (1 + np.exp(-o))
    sayable = np.delete(np.arange(VOCAB_SIZE), [PAD_ID, UNK_ID, BOS_ID])
    logits = linear(model.decoder.output, hidden)[sayable]
    expected = logits - np.log(np.exp(logits).sum())

    np.testing.assert_allclose(next_hidden[0], hidden, atol=1e-6)
    np.testing.assert_allclose(next_cell[0], cell, atol=1e-6)
    order = np.argsort(-expected)
    np.testing.assert_array_equal(ids[0], sayable[order])
    np.testing.assert_allclose(log_probs[0], expected[order], atol=1e-6)


def test_masked_words_never_come_out(tiny_model):
    model = tiny_model()
    with torch.no_grad():
        model.decoder.output.bias[[PAD_ID, UNK_ID, BOS_ID]] = 50.0  # what the model would like to say most
    session = open_cpu_session(build_decoder_step(model))
    ids, log_probs, *_ = session.run(NAMES, feeds_of([BOS_ID, 4, 9, 22], VOCAB_SIZE - 3))
    assert not np.isin(ids, [PAD_ID, UNK_ID, BOS_ID]).any()
    np.testing.assert_allclose(np.exp(log_probs.astype(float)).sum(axis=1), 1.0, atol=1e-6)
    assert (np.diff(log_probs, axis=1) <= 0).all()
    assert model.decoder.output.bias[PAD_ID] == 50.0, "the model itself must stay as it is"


@pytest.mark.parametrize("num_candidates", [1, 2, 5, VOCAB_SIZE - 3])
def test_number_of_candidates_is_an_input(session, num_candidates):
    rows = [BOS_ID, 9, 10]
    ids, log_probs, *_ = session.run(NAMES, feeds_of(rows, num_candidates))
    every_id, every_log_prob, *_ = session.run(NAMES, feeds_of(rows, VOCAB_SIZE - 3))
    assert ids.shape == log_probs.shape == (3, num_candidates)
    assert ids.dtype == np.int64
    np.testing.assert_array_equal(ids, every_id[:, :num_candidates])
    np.testing.assert_array_equal(log_probs, every_log_prob[:, :num_candidates])


def test_rows_that_start_ignore_their_state(session):
    feeds = feeds_of([BOS_ID, 9], 4)
    other = feeds | {"hidden": feeds["hidden"] + 1, "cell": feeds["cell"] - 1}
    other["hidden"][0] = np.nan
    for index, (before, after) in enumerate(zip(session.run(NAMES, feeds), session.run(NAMES, other), strict=True)):
        np.testing.assert_array_equal(before[0], after[0])
        if NAMES[index] != "candidate_ids":
            assert np.abs(before[1] - after[1]).max() > 1e-3


def test_rows_that_start_begin_from_their_latent(session):
    feeds = feeds_of([BOS_ID, BOS_ID], 4)
    _, _, next_hidden, _ = session.run(NAMES, feeds)
    assert np.abs(next_hidden[0] - next_hidden[1]).max() > 1e-3


def test_a_row_alone_equals_the_row_among_others(session):
    feeds = feeds_of([BOS_ID, 9, 4, BOS_ID, 20], 6)
    together = session.run(NAMES, feeds)
    for row in range(5):
        alone = {name: array[row : row + 1] for name, array in feeds.items() if name != "num_candidates"}
        found = session.run(NAMES, alone | {"num_candidates": feeds["num_candidates"]})
        for one, several in zip(found, together, strict=True):
            np.testing.assert_allclose(one[0], several[row], rtol=0, atol=1e-6)


def test_inputs_and_outputs(tiny_model):
    graph = onnx.load_model_from_string(build_decoder_step(tiny_model())).graph
    assert [value.name for value in graph.input] == [
        "token_ids",
        "latent",
        "hidden",
        "cell",
        "num_candidates",
    ]
    assert [value.name for value in graph.output] == NAMES
