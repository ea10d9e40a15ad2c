"""A short run of every latent: trained, stopped, gone on with, loaded."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

from resay.errors import CheckpointError
from resay.fitting import TrainSettings, load_run, load_settings, loop
from resay.fitting.checkpoint import latest_checkpoint
from resay.fitting.interruption import TrainingInterrupted, TrainingStop
from resay.fitting.preparation import TrainingFiles
from resay.fitting.train import train_run
from resay.models import BOTTLENECKS

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "latents.toml"
SETTINGS = {
    "loss": "ce",
    "hidden_size": 8,
    "latent_size": 4,
    "encoder_cell": "gru",
    "encoder_direction": "both",
    "encoder_hidden_size": 6,
    "dropout": 0.2,
    "word_dropout": 0.3,
    "unknown_rate": 0.1,
    "batch_size": 16,
    "batch_tokens": 28,
    "epochs": 1,
    "min_count": 1,
    "learning_rate": 0.01,
    "kl_annealing": 0.7,
    "num_reconstructions": 4,
    "device": "cpu",
}
"""All that draws numbers or depends on the step at once, since all of it has to survive a stop; four steps."""


@pytest.fixture
def files(few_reviews, vectors):
    return TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=vectors)


class StopAfterTwo(TrainingStop):
    """Asked once after each step."""

    def __init__(self):
        self.num_steps = 0

    @property
    def requested(self):
        self.num_steps += 1
        return self.num_steps >= 2


def state(run):
    """Return weights, optimiser and random generators as the last checkpoint has them."""
    return load_file(latest_checkpoint(run) / "state.safetensors")


@pytest.mark.parametrize("latent", list(BOTTLENECKS))
def test_stopped_after_two_steps_and_resumed_equals_never_stopped(files, tmp_path, monkeypatch, latent):
    settings = TrainSettings(**SETTINGS, latent=latent)
    run, whole = tmp_path / "run", tmp_path / "whole"
    with monkeypatch.context() as patch:
        patch.setattr("resay.fitting.train.stop_request", lambda: nullcontext(StopAfterTwo()))
        with pytest.raises(TrainingInterrupted):
            train_run(run, files, settings)
    assert json.loads((run / "run.json").read_text())["steps"] == 2
    halfway = state(run)
    torch.manual_seed(99)  # whatever the process that goes on did before
    resumed = train_run(run, files, settings, resume=True)
    record = train_run(whole, files, settings)
    assert resumed["steps"] == record["steps"] == 4
    timing = ("seconds", "sentences_per_second")
    measures = [{key: value for key, value in one["metrics"].items() if key not in timing} for one in (resumed, record)]
    assert measures[0] == measures[1]
    assert measures[0]["dev_penalty"] > 0 or not latent.endswith("vae")
    ended, expected = state(run), state(whole)
    assert ended.keys() == expected.keys()
    assert [name for name, value in expected.items() if not torch.equal(value, ended[name])] == []
    assert not torch.equal(halfway["model.decoder.output.weight"], ended["model.decoder.output.weight"])
    model = load_run(run).model
    assert (model.settings.latent, model.settings.dropout, model.training) == (latent, 0.2, False)
    assert "dev_penalty" in (run / "history.csv").read_text()


def test_samples_are_made_without_dropout(files, tmp_path, monkeypatch):
    """They show what the model can do, and making them leaves the random numbers of training as they are."""
    seen = []
    reconstruct = loop.reconstruct

    def noted(objective, *arguments):
        before = torch.get_rng_state()
        samples = reconstruct(objective, *arguments)
        seen.append((objective.training, torch.equal(torch.get_rng_state(), before)))
        return samples

    monkeypatch.setattr(loop, "reconstruct", noted)
    train_run(tmp_path / "run", files, TrainSettings(**SETTINGS | {"latent": "binary", "epochs": 2}))
    assert seen == [(False, True)] * 2


def test_training_goes_on_with_dropout_after_a_validation(files, tmp_path, monkeypatch):
    seen = []
    step = loop.Fit.step

    def noted(self, batch):
        seen.append(self.objective.training)
        return step(self, batch)

    monkeypatch.setattr(loop.Fit, "step", noted)
    train_run(tmp_path / "run", files, TrainSettings(**SETTINGS | {"epochs": 2}))
    assert seen == [True] * 8


@pytest.fixture
def fresh_accelerator():
    """Accelerate keeps the precision that a process first asked for."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.usefixtures("fresh_accelerator")
@pytest.mark.parametrize("latent", ["vae", "binary-vae", "lm"])
def test_the_settings_of_the_tables_train(files, tmp_path, latent):
    """training/configs/latents.toml, in bfloat16, made small."""
    small = {name: SETTINGS[name] for name in ("hidden_size", "latent_size", "encoder_hidden_size", "min_count")}
    settings = load_settings(CONFIG, small | {"latent": latent, "batch_tokens": 28, "device": "cpu"})
    record = train_run(tmp_path / "run", files, settings)
    assert record["mixed_precision"] == "bf16"
    assert record["steps"] == 4 * settings.epochs
    assert all(value.dtype == torch.float32 for value in load_run(tmp_path / "run").model.parameters())


def test_words_dropped_from_the_decoder_change_training_and_not_validation(files, tmp_path):
    """With steps too short to move a weight, only what training saw can differ."""
    still = {"dropout": 0.0, "word_dropout": 0.0, "unknown_rate": 0.0, "learning_rate": 1e-30}
    metrics = []
    for name, changed in {"plain": {}, "word": {"word_dropout": 0.5}, "state": {"dropout": 0.5}}.items():
        metrics.append(train_run(tmp_path / name, files, TrainSettings(**SETTINGS | still | changed))["metrics"])
    losses = [one["train_loss"] for one in metrics]
    assert len(set(losses)) == 3
    for name in ("dev_loss", "dev_nats_per_token", "dev_token_accuracy", "dev_exact_reconstruction"):
        assert len({one[name] for one in metrics}) == 1


def test_a_run_of_other_latent_settings_is_not_gone_on_with(files, tmp_path):
    settings = {**SETTINGS, "latent": "binary-vae"}
    train_run(tmp_path / "run", files, TrainSettings(**settings))
    changed = {"latent": "binary", "kl_start": 0.5, "word_dropout": 0.0, "batch_tokens": 0}
    for name, value in changed.items():
        with pytest.raises(CheckpointError, match=rf"other settings \({name}\)"):
            train_run(tmp_path / "run", files, TrainSettings(**settings | {name: value}), resume=True)


@pytest.mark.parametrize("loss", ["soft-label", "weighted-sim"])
def test_a_binary_latent_trains_with_the_losses_that_know_alike_words(files, tmp_path, loss):
    settings = SETTINGS | {"latent": "binary-vae", "loss": loss, "epochs": 4, "dropout": 0.0, "word_dropout": 0.0}
    train_run(tmp_path / "run", files, TrainSettings(**settings))
    rows = (tmp_path / "run" / "history.csv").read_text().splitlines()
    place = rows[0].split(",").index("dev_loss")
    first, last = (float(rows[index].split(",")[place]) for index in (1, -1))
    assert last < first
