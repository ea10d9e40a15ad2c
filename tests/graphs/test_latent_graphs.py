"""Every latent and every encoder as ONNX: equal to torch, the sample decided by the noise that is handed in."""

import numpy as np
import onnx
import pytest
import torch

from resay.errors import ExportError
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.encoder_parity import UNDECIDED, decided
from resay.graphs.parity import TOLERANCE, ParityGrid, check_parity
from resay.graphs.session import open_cpu_session
from resay.models import BOTTLENECKS

SMALL_GRID = ParityGrid(batches=(1, 3), longest_length=5, every_word_lengths=(2, 5))
DRAWN = [name for name in BOTTLENECKS if BOTTLENECKS[name](3, 2).noise != "none"]


@pytest.mark.parametrize("latent", BOTTLENECKS)
def test_every_bottleneck_equals_torch_on_the_whole_grid(tiny_model, latent):
    model = tiny_model(direction="both", latent=latent, latent_size=6, encoder_cell="gru")
    report = check_parity(model, build_encoder(model), build_decoder_step(model))
    assert 0 < report.worst.value <= TOLERANCE == 1e-5


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "both"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_every_encoder_equals_torch(tiny_model, cell, direction, layers):
    model = tiny_model(direction=direction, encoder_cell=cell, encoder_layers=layers, encoder_hidden_size=3)
    check_parity(model, build_encoder(model), build_decoder_step(model), SMALL_GRID)


@pytest.mark.parametrize("latent", BOTTLENECKS)
def test_outputs_are_the_readings(tiny_model, latent):
    model = tiny_model(latent=latent, latent_size=6)
    graph = onnx.load_model_from_string(build_encoder(model)).graph
    token_ids, lengths = torch.tensor([[4, 5]]), torch.tensor([2])
    assert {output.name for output in graph.output} == {*model.readings(token_ids, lengths), "embedding"}
    has_noise = "noise" in {value.name for value in graph.input}
    assert has_noise == (model.bottleneck.noise != "none")


@pytest.mark.parametrize("latent", DRAWN)
def test_noise_decides_the_sample_and_nothing_else(tiny_model, latent):
    model = tiny_model(latent=latent, latent_size=40)
    session = open_cpu_session(build_encoder(model))
    names = [output.name for output in session.get_outputs()]
    generator = torch.Generator().manual_seed(1)

    def run(noise):
        feeds = {"token_ids": np.array([[4, 9, 7]]), "lengths": np.array([3]), "noise": noise}
        return dict(zip(names, session.run(names, feeds), strict=True))

    noises = [model.noise(1, generator).numpy() for _ in range(2)]
    first, second, again = run(noises[0]), run(noises[1]), run(noises[0])
    assert np.abs(first["sample"] - second["sample"]).max() > 0.1
    for name in names:
        np.testing.assert_array_equal(first[name], again[name])
        if name != "sample":
            np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize("latent", ["bottleneck", "vae", "gumbel", "binary"])
@pytest.mark.parametrize("change", ["first", "last"])
def test_a_broken_bottleneck_is_refused(tiny_model, latent, change):
    model = tiny_model(latent=latent, latent_size=6)
    encoder, step = build_encoder(model), build_decoder_step(model)
    with torch.no_grad():
        parameters = list(model.bottleneck.parameters())
        parameters[0 if change == "first" else -1] += 0.3
    with pytest.raises(ExportError, match=r"graph encoder, output [a-z]+: differs"):
        check_parity(model, encoder, step, SMALL_GRID)


def test_gumbel_noise_at_its_ends_stays_finite(tiny_model):
    model = tiny_model(latent="gumbel", latent_size=4)
    session = open_cpu_session(build_encoder(model))
    noise = np.array([[0.0, 1.0, 0.5, 1e-30]], np.float32)
    feeds = {"token_ids": np.array([[4, 9]]), "lengths": np.array([2]), "noise": noise}
    found = session.run(["sample"], feeds)[0]
    expected = model.readings(torch.tensor([[4, 9]]), torch.tensor([2]), torch.from_numpy(noise))["sample"]
    np.testing.assert_allclose(found, expected.detach().numpy(), atol=1e-6)


def test_only_bits_about_to_turn_are_let_pass():
    expected = torch.tensor([[1.0, 0.0, 1.0]])
    found = np.array([[0.0, 1.0, 0.0]], np.float32)
    margin = torch.tensor([[UNDECIDED / 2, -UNDECIDED / 2, 2 * UNDECIDED]])
    assert decided(expected, found, margin).tolist() == [[1.0, 0.0, 0.0]]
    assert decided(expected, found, None) is found
