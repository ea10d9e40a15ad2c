"""Runs made before encoders had layers and directions still load, and go on."""

import json

import torch
from safetensors.torch import load_file, save_file

from resay.fitting import TrainSettings, load_run
from resay.fitting.checkpoint import FORMER_NAME, PRESENT_NAME, latest_checkpoint
from resay.fitting.preparation import TrainingFiles
from resay.fitting.train import train_run

NEWER_SETTINGS = ("latent_size", "encoder_cell", "encoder_layers", "encoder_hidden_size", "dropout")


def make_former(run):
    """Give a run the names of weights and settings that it would have had."""
    for file in (run / "model.safetensors", latest_checkpoint(run) / "state.safetensors"):
        weights = load_file(file)
        assert any(PRESENT_NAME in name for name in weights)
        save_file({name.replace(PRESENT_NAME, FORMER_NAME): weight for name, weight in weights.items()}, file)
    record = json.loads((run / "run.json").read_text())
    for name in NEWER_SETTINGS:
        del record["model"][name], record["settings"][name]
    (run / "run.json").write_text(json.dumps(record))


def test_a_former_run_loads_and_goes_on(few_reviews, vectors, tmp_path):
    files = TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=vectors)
    settings = TrainSettings(loss="ce", hidden_size=8, batch_size=16, epochs=1, min_count=1, device="cpu")
    train_run(tmp_path, files, settings)
    expected = load_run(tmp_path).model.state_dict()
    make_former(tmp_path)
    found = load_run(tmp_path).model.state_dict()
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    assert train_run(tmp_path, files, settings, resume=True)["status"] == "finished"
