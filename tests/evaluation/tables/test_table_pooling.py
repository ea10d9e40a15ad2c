"""Mean and maximum of the encoder's states, held against a loop over the words of one sentence at a time."""

import numpy as np
import pytest
import torch

from resay.errors import SettingsError
from resay.evaluation.systems import System
from resay.evaluation.tables.pooling import POOLINGS, PooledStates, encoder_states
from resay.fitting import TrainSettings
from resay.fitting.train import train_run
from resay.models import Autoencoder, ModelSettings


def make_model(direction, layers=1, cell="lstm"):
    settings = ModelSettings(
        vocab_size=12,
        word_vector_size=3,
        hidden_size=4,
        encoder_direction=direction,
        encoder_layers=layers,
        encoder_cell=cell,
    )
    torch.manual_seed(0)
    model = Autoencoder(settings, torch.randn(12, 3)).eval()
    for parameter in model.parameters():
        parameter.data.normal_()
    return model


TOKENS = torch.tensor([[5, 6, 7, 8], [9, 5, 0, 0], [10, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])
KINDS = [("forward", 1, "lstm"), ("reverse", 1, "gru"), ("both", 1, "lstm"), ("both", 2, "lstm")]


@pytest.mark.parametrize(("direction", "layers", "cell"), KINDS)
def test_the_last_state_is_the_latent(direction, layers, cell):
    model = make_model(direction, layers, cell)
    states = encoder_states(model, TOKENS, LENGTHS)
    assert states.shape == (3, 4, model.encoder.feature_size)
    last = states[torch.arange(3), LENGTHS - 1]
    torch.testing.assert_close(last, model.encode(TOKENS, LENGTHS).latent)


@pytest.mark.parametrize(("direction", "layers", "cell"), KINDS)
def test_padding_and_company_change_nothing(direction, layers, cell):
    model = make_model(direction, layers, cell)
    together = encoder_states(model, TOKENS, LENGTHS)
    real = torch.arange(4) < LENGTHS.unsqueeze(1)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = encoder_states(model, TOKENS[row : row + 1, :length], LENGTHS[row : row + 1])[0]
        torch.testing.assert_close(POOLINGS["mean"](together, real)[row], sum(alone) / length)
        torch.testing.assert_close(POOLINGS["max"](together, real)[row], torch.stack(list(alone)).max(0).values)


def test_no_hook_stays_behind():
    model = make_model("both")
    encoder_states(model, TOKENS, LENGTHS)
    assert not any(module._forward_hooks for module in model.modules())


@pytest.fixture(scope="module")
def folder(tmp_path_factory, given):
    run = tmp_path_factory.mktemp("run") / "ce-seed0"
    train_run(run, given, TrainSettings(loss="ce", hidden_size=8, batch_size=16, epochs=1, min_count=1))
    return run


def test_it_is_a_system(folder):
    system = PooledStates(folder, "mean")
    assert isinstance(system, System)
    assert system.name == "ce-seed0:mean"
    texts = ["the soup was good .", "", "quinoa", "our waiter seemed bad . " * 9] + ["the soup was cold ."] * 80
    vectors = system.embed(texts)
    assert vectors.shape == (84, 8)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert not vectors[1].any()
    assert vectors[2].any()  # a word that is not known is a word
    np.testing.assert_allclose(system.embed(texts[:1])[0], vectors[0], atol=1e-6)
    cut = " ".join(texts[3].split()[:40])  # as training cuts it
    np.testing.assert_allclose(system.embed([cut])[0], vectors[3], atol=1e-6)
    assert system.embed([]).shape == (0, 8)


def test_its_hash_is_that_of_pooling_and_weights(folder, tmp_path):
    hashes = [PooledStates(folder, pooling).sha256 for pooling in POOLINGS]
    assert len({*hashes}) == 2
    assert PooledStates(folder, "mean").sha256 == hashes[0]
    assert all(len(one) == 64 for one in hashes)


def test_an_unknown_pooling_is_named(folder):
    with pytest.raises(SettingsError, match="pooling must be one of: mean, max; got 'min'"):
        PooledStates(folder, "min")
