"""Every latent and every encoder as ONNX: equal to torch, the sample decided by the noise that is handed in."""

import math

import numpy as np
import onnx
import pytest
import torch

from resay.errors import ExportError
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.differences import TOLERANCE, row_differences
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.encoder_parity import Sentences, beyond_rounding, outputs, row_errors
from resay.graphs.parity import ParityGrid, check_parity
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


def test_a_wrong_bit_counts_as_far_as_its_probability_is_from_turning(tiny_model):
    model = tiny_model(latent="binary", latent_size=3)
    probabilities = torch.tensor([[0.6, 0.4, 0.500003]])
    expected = {"bits": torch.tensor([[1.0, 0.0, 1.0]]), "sample": torch.tensor([[1.0, 0.0, 0.0]])}
    expected["probabilities"] = probabilities
    noise = torch.tensor([[0.1, 0.9, 0.500001]])

    def errors(name, *bits):
        return row_errors(model, name, expected, np.array([bits], np.float32), noise).tolist()

    assert errors("bits", 1, 0, 1) == [0]
    assert errors("bits", 1, 0, 0) == pytest.approx([3e-6], rel=0.1)
    assert errors("bits", 0, 0, 1) == pytest.approx([0.1])
    assert errors("sample", 1, 1, 0) == pytest.approx([0.5])
    assert errors("bits", 1, 0, 0.5) == [0.5]
    assert errors("bits", 1, 0, math.nan) == [math.inf]


def test_what_rounding_explains_is_let_pass_and_nothing_else(tiny_model, monkeypatch):
    model = tiny_model(latent="bottleneck", latent_size=4)
    sentences = Sentences(torch.tensor([[4, 9, 7], [5, 6, 8]]), torch.tensor([3, 3]), torch.zeros(2, 4))
    with torch.inference_mode():
        latent = outputs(model, sentences)["latent"].numpy()
        far = latent.copy()
        far[0, 0] += 1e-4
        found = beyond_rounding(model, "latent", far, sentences)
        monkeypatch.setattr("resay.graphs.encoder_parity.ROUNDING", 1e9)  # as if the sentence were chaotic
        excused = beyond_rounding(model, "latent", far, sentences)
    assert found[0] == pytest.approx(1e-4, rel=0.05)
    assert found[1] < 1e-6
    assert excused[0] == TOLERANCE
    assert excused[1] < 1e-6


def test_a_chaotic_sentence_does_not_refuse_an_export(tiny_model):
    """Weights that make every step amplify what the one before has lost; torch in float32 is as far off as ONNX."""
    model = tiny_model(latent="gumbel", latent_size=6, encoder_cell="gru", hidden_size=32, word_vector_size=16)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.8)
        model.bottleneck.to_logits.weight.mul_(8)
        encoder, step = build_encoder(model), build_decoder_step(model)
        session = open_cpu_session(encoder)
        token_ids = torch.randint(1, 23, (256, 40), generator=generator)
        lengths = torch.full((256,), 40)
        noise = model.noise(256, generator).numpy()
        feeds = {"token_ids": token_ids.numpy(), "lengths": lengths.numpy(), "noise": noise}
        found = session.run(["logits"], feeds)[0]
        expected = model.readings(token_ids, lengths)["logits"]
    assert row_differences(expected, found).max() > TOLERANCE
    check_parity(model, encoder, step, ParityGrid(batches=(32,), num_steps=1, every_word_lengths=()))
