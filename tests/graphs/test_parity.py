import json
import math

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from resay.errors import ExportError
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.differences import largest_difference, largest_probability_difference
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.parity import ParityGrid, check_parity

SMALL_GRID = ParityGrid(batches=(1, 3), longest_length=5, every_word_lengths=(2, 5))


def graphs_of(model):
    return build_encoder(model), build_decoder_step(model)


def with_constant_changed(model_bytes, name, change):
    """Return the graph with one number of one constant changed."""
    model = onnx.load_model_from_string(model_bytes)
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    values = numpy_helper.to_array(tensor).copy()
    values.flat[-1] += change
    tensor.CopyFrom(numpy_helper.from_array(values, name))
    return model.SerializeToString()


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_whole_grid(tiny_model, direction):
    model = tiny_model(direction=direction)
    report = check_parity(model, *graphs_of(model))
    assert 0 < report.worst.value <= 1e-5
    record = json.loads(json.dumps(report.to_record()))
    assert record["max_difference"] == report.worst.value
    assert record["grid"]["batches"] == [1, 2, 7, 32]
    assert record["grid"]["longest_length"] == 40


@pytest.mark.parametrize(
    ("vocab_size", "word_vector_size", "hidden_size"), [(6, 1, 1), (8, 3, 2), (64, 16, 16), (301, 33, 65)]
)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_odd_sizes(tiny_model, vocab_size, word_vector_size, hidden_size, direction):
    model = tiny_model(vocab_size, word_vector_size, hidden_size, direction)
    check_parity(model, *graphs_of(model), SMALL_GRID)


def test_words_out_of_reach_do_not_refuse_an_export(tiny_model):
    model = tiny_model(vocab_size=301, word_vector_size=33, hidden_size=65)
    with torch.no_grad():
        model.decoder.output.bias[5:150] = -517.3  # where float32 moves in steps of 6e-5
    check_parity(model, *graphs_of(model), SMALL_GRID)


@pytest.mark.parametrize(
    ("graph", "constant", "output"),
    [
        ("encoder", "encoder.0.weight", "latent"),
        ("encoder", "encoder.0.recurrence", "latent"),
        ("encoder", "encoder.0.bias", "latent"),
        ("encoder", "embedding.token_weights", "embedding"),
        ("decoder_step", "start_cell.weight", "next_cell"),
        ("decoder_step", "latent_input.bias", "next_"),
        ("decoder_step", "gates.weight", "next_"),
        ("decoder_step", "logits.bias", "log_probs"),
    ],
)
def test_a_broken_weight_is_refused(tiny_model, graph, constant, output):
    model = tiny_model(vocab_size=6)
    encoder, decoder_step = graphs_of(model)
    if graph == "encoder":
        encoder = with_constant_changed(encoder, constant, 0.5)
    else:
        decoder_step = with_constant_changed(decoder_step, constant, 0.5)
    expected = rf"graph {graph}, output {output}\w*: differs by .* at batch \d, length \d"
    with pytest.raises(ExportError, match=expected):
        check_parity(model, encoder, decoder_step, SMALL_GRID)


def test_not_a_number_is_refused(tiny_model):
    model = tiny_model()
    with torch.no_grad():
        model.decoder.output.bias[7] = math.nan
    with pytest.raises(ExportError, match="output log_probs: differs by inf"):
        check_parity(model, *graphs_of(model), SMALL_GRID)


def test_a_missing_mask_is_refused(tiny_model):
    model = tiny_model()
    encoder, decoder_step = graphs_of(model)
    graph = onnx.load_model_from_string(decoder_step)
    bias = next(tensor for tensor in graph.graph.initializer if tensor.name == "logits.bias")
    bias.CopyFrom(numpy_helper.from_array(model.decoder.output.bias.detach().numpy(), "logits.bias"))
    with pytest.raises(ExportError, match="output log_probs: differs by inf"):
        check_parity(model, encoder, graph.SerializeToString(), SMALL_GRID)


def test_probabilities_are_held_to_their_own_difference(tiny_model):
    """Far-off words may not hide what happens to the likely ones behind the size of their log probabilities."""
    log_probs = torch.tensor([[-0.1, -40.0]])
    found = np.array([[-0.2, -40.0]], np.float32)
    expected = math.exp(-0.1) - math.exp(-0.2)
    assert largest_probability_difference(log_probs, found) == pytest.approx(expected, rel=1e-5)
    assert largest_difference(log_probs, found) < expected / 10


def test_largest_difference():
    expected = torch.tensor([1.0, 2.0])
    assert largest_difference(expected, np.array([1.0, 2.5], np.float32)) == 0.25
    small, large = torch.tensor([[0.5, 0.25], [0.5, -40.0]]), np.array([[0.5, 0.75], [1.5, -40.0]], np.float32)
    assert largest_difference(small, large) == 0.5
    assert largest_difference(small[1:], large[1:]) == pytest.approx(1 / 40)
    assert largest_difference(expected, np.array([1.0, math.nan], np.float32)) == math.inf
    assert largest_difference(expected, np.array([[1.0, 2.0]], np.float32)) == math.inf
    assert largest_difference(torch.tensor([math.inf]), np.array([math.inf], np.float32)) == math.inf
