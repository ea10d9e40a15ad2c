"""Training runs from beginning to end, small."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from resay.errors import CheckpointError, CorpusError, DivergedError, SettingsError
from resay.fitting import TrainSettings, load_run
from resay.fitting.checkpoint import Progress, latest_checkpoint, save_checkpoint
from resay.fitting.interruption import TrainingStop, stop_request
from resay.fitting.preparation import TrainingFiles, is_held_out, open_prepared
from resay.fitting.train import build_objective, train_run
from resay.losses import LOSSES

ROOT = Path(__file__).parents[2]
NO_PAIRS = np.empty((0, 2), dtype=np.int64)
SMALL = {
    "hidden_size": 16,
    "batch_size": 8,
    "epochs": 3,
    "min_count": 1,
    "learning_rate": 0.01,
    "checkpoint_steps": 5,
    "num_reconstructions": 10,
    "device": "cpu",
}


@pytest.fixture
def files(reviews, vectors):
    return TrainingFiles(train=[reviews], dev=[reviews], vectors=vectors)


def test_a_run_learns_and_leaves_everything_behind(files, tmp_path):
    run = tmp_path / "run"
    record = train_run(run, files, TrainSettings(**SMALL | {"epochs": 12}))
    history = (run / "history.csv").read_text().splitlines()
    assert len(history) == 13
    assert record["status"] == "finished"
    assert record["metrics"]["dev_token_accuracy"] > 0.8
    assert json.loads((run / "run.json").read_text()) == json.loads(json.dumps(record))
    assert {"seed", "git_commit", "versions", "settings", "corpus", "vectors", "loss", "model"} <= set(record)
    assert "epoch 12" in (run / "samples.txt").read_text()
    assert list((run / "tensorboard").glob("events*"))
    loaded = load_run(run)
    assert not loaded.model.training
    assert loaded.tokenizer.encode("the soup was good").num_unknown == 0
    assert loaded.max_length == 40


@pytest.mark.parametrize("loss", list(LOSSES))
def test_every_loss_trains(files, tmp_path, loss):
    before, after = (
        train_run(tmp_path / str(epochs), files, TrainSettings(**SMALL | {"loss": loss, "epochs": epochs}))
        for epochs in (1, 4)
    )
    assert after["metrics"]["dev_loss"] < before["metrics"]["dev_loss"]


def weights(run):
    return load_file(run / "model.safetensors")


def test_one_seed_gives_one_result_and_another_seed_another(files, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train_run(tmp_path / name, files, TrainSettings(**SMALL | {"seed": seed}))
    first, same, other = (weights(tmp_path / name) for name in "abc")
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["decoder.output.weight"], other["decoder.output.weight"])


def test_hidden_words_change_the_model(files, tmp_path):
    for rate in (0.0, 0.3):
        train_run(tmp_path / str(rate), files, TrainSettings(**SMALL | {"epochs": 1, "unknown_rate": rate}))
    plain, noisy = (weights(tmp_path / name)["encoder.readers.0.0.weight_hh_l0"] for name in ("0.0", "0.3"))
    assert not torch.equal(plain, noisy)


def test_killed_and_resumed_equals_never_stopped(files, tmp_path, reviews, vectors):
    settings = SMALL | {"epochs": 40, "patience": 40, "unknown_rate": 0.1}
    (tmp_path / "settings.toml").write_text("\n".join(f"{k} = {json.dumps(v)}" for k, v in settings.items()))
    command = [sys.executable, ROOT / "training" / "train.py", "--train", reviews, "--dev", reviews]
    command += ["--vectors", vectors, "--config", tmp_path / "settings.toml", "--out"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    killed = tmp_path / "killed"
    with subprocess.Popen([*command, killed], env=environment, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while len(list((killed / "checkpoints").glob("step-*5-*"))) == 0 or not (killed / "history.csv").exists():
            assert process.poll() is None, "training ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert json.loads((killed / "run.json").read_text())["status"] == "running"
    for run, resume in ((killed, ["--resume"]), (tmp_path / "whole", [])):
        subprocess.run([*command, run, *resume], env=environment, check=True, capture_output=True, timeout=240)
    resumed, whole = (json.loads((run / "run.json").read_text()) for run in (killed, tmp_path / "whole"))
    timing = ("seconds", "sentences_per_second")
    for record in (resumed, whole):
        assert record["status"] == "finished"
        record["metrics"] = {name: value for name, value in record["metrics"].items() if name not in timing}
    assert resumed["metrics"] == whole["metrics"]
    assert all(torch.equal(value, weights(killed)[name]) for name, value in weights(tmp_path / "whole").items())


def test_a_run_folder_is_not_overwritten(files, tmp_path):
    train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1}))
    with pytest.raises(CheckpointError, match="already holds a run; add --resume"):
        train_run(tmp_path / "run", files, TrainSettings(**SMALL))
    with pytest.raises(CheckpointError, match=r"other settings \(hidden_size\)"):
        train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1, "hidden_size": 8}), resume=True)


def test_a_damaged_checkpoint_is_named(files, tmp_path):
    train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1}))
    state = next((tmp_path / "run" / "checkpoints").glob("step-*")) / "state.safetensors"
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="cannot resume from it"):
        train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1}), resume=True)


def test_early_stopping(files, tmp_path):
    settings = TrainSettings(**SMALL | {"epochs": 50, "learning_rate": 5.0, "patience": 2, "schedule": "constant"})
    record = train_run(tmp_path / "run", files, settings)
    assert record["epochs"] < 50
    assert record["status"] == "finished"


def test_dev_set_is_held_out_by_content(reviews, vectors, tmp_path):
    lines = [f"the soup was good {number} x{number % 60} ." for number in range(400)]
    file = tmp_path / "many.txt"
    file.write_text("\n".join(lines * 2))
    record = train_run(tmp_path / "run", TrainingFiles(train=[file], vectors=vectors), TrainSettings(**SMALL))
    held_out = sum(is_held_out(line) for line in lines)
    assert record["corpus"]["dev"]["num_sentences"] == 2 * held_out > 0
    assert record["corpus"]["train"]["num_sentences"] == 2 * (len(lines) - held_out)


def test_fasttext_is_trained_where_no_vectors_are_given(reviews, tmp_path):
    record = train_run(
        tmp_path / "run",
        TrainingFiles(train=[reviews], dev=[reviews]),
        TrainSettings(**SMALL | {"word_vector_size": 12, "epochs": 1}),
    )
    assert record["model"]["word_vector_size"] == 12
    assert "fastText" in record["vectors"]["source"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", r"empty.txt: no sentence found"),
        (b"good\xff\n", r"empty.txt, line 1: not UTF-8"),
        (b"good " * 50, r"every line, from line 1 on, is longer than 40 tokens"),
    ],
)
def test_train_script_names_the_bad_file(tmp_path, vectors, text, message):
    (tmp_path / "empty.txt").write_bytes(text)
    command = [sys.executable, ROOT / "training" / "train.py", "--train", tmp_path / "empty.txt"]
    command += ["--dev", tmp_path / "empty.txt", "--vectors", vectors, "--out", tmp_path / "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(message, done.stderr)
    assert not (tmp_path / "run" / "run.json").exists()


class StopAfter(TrainingStop):
    """A stop that is asked for at the given question of the loop."""

    def __init__(self, num_questions):
        self.num_questions = num_questions

    @property
    def requested(self):
        self.num_questions -= 1
        return self.num_questions <= 0


@pytest.mark.parametrize("num_questions", [7, 38 * 2, 38 * 2 + 1])
def test_interrupted_and_resumed_equals_never_stopped(files, tmp_path, monkeypatch, num_questions):
    """Within an epoch, and around the end of one."""
    settings = TrainSettings(**SMALL | {"epochs": 3})
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("resay.fitting.train.stop_request", lambda: nullcontext(StopAfter(num_questions)))
        with pytest.raises(KeyboardInterrupt):
            train_run(run, files, settings)
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"
    train_run(run, files, settings, resume=True)
    train_run(tmp_path / "whole", files, settings)
    assert all(torch.equal(value, weights(run)[name]) for name, value in weights(tmp_path / "whole").items())


def test_the_first_signal_asks_and_the_second_interrupts(capsys):
    former = signal.getsignal(signal.SIGINT)
    with stop_request() as stop:
        assert not stop.requested
        signal.raise_signal(signal.SIGINT)
        assert stop.requested
        assert "once more" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is former


def test_a_failed_save_leaves_the_last_checkpoint(files, tmp_path, monkeypatch):
    run = tmp_path / "run"
    train_run(run, files, TrainSettings(**SMALL | {"epochs": 1}))
    before = latest_checkpoint(run)
    loaded = load_run(run)
    optimizer = torch.optim.Adam([loaded.model.decoder.output.weight])

    def no_space(tensors, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("resay.fitting.checkpoint.save_file", no_space)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(run, loaded.model, optimizer, Progress(step=38, epoch=2))
    assert latest_checkpoint(run) == before


def test_a_diverged_training_says_so_and_keeps_its_model(files, tmp_path):
    settings = TrainSettings(**SMALL | {"learning_rate": 1e38, "clip_norm": 1e38})
    with pytest.raises(DivergedError, match=r"diverged; lower --learning-rate \(now 1e\+38\)"):
        train_run(tmp_path / "run", files, settings)
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_settings_that_turn_out_wrong_leave_no_run_behind(files, tmp_path):
    with pytest.raises(SettingsError):
        train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"negatives": "affine", "epochs": 1}))
    assert train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1}))["status"] == "finished"


def test_a_new_run_takes_no_checkpoint_of_an_older_one(files, tmp_path):
    settings = TrainSettings(**SMALL | {"epochs": 1})
    train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1, "seed": 1}))
    (tmp_path / "run" / "run.json").unlink()
    train_run(tmp_path / "run", files, settings)
    train_run(tmp_path / "fresh", files, settings)
    fresh = weights(tmp_path / "fresh")
    assert all(torch.equal(value, weights(tmp_path / "run")[name]) for name, value in fresh.items())


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        ("vectors.npz", r"vectors.npz: damaged"),
        ("corpus/train/tokens.bin", r"damaged|the files hold"),
        ("corpus/dev/report.json", "damaged"),
        ("run.json", r"run.json: cannot be read"),
    ],
)
def test_a_damaged_file_of_a_run_is_named(files, tmp_path, damaged, message):
    settings = TrainSettings(**SMALL | {"epochs": 1})
    train_run(tmp_path / "run", files, settings)
    (tmp_path / "run" / damaged).write_bytes(b"\x00\x01")
    with pytest.raises((CheckpointError, CorpusError), match=message):
        train_run(tmp_path / "run", files, settings, resume=True)


def test_excluded_neighbours_are_excluded_recorded_and_resumed(files, tmp_path):
    run = tmp_path / "run"
    all_words = SMALL | {"epochs": 1, "num_neighbours": 99}
    settings = TrainSettings(**all_words, exclude_neighbours=("antonyms",))
    record = train_run(run, files, settings)
    assert record["vectors"]["exclusions"] == ["antonyms"]
    assert record["settings"]["exclude_neighbours"] == ["antonyms"]
    prepared = open_prepared(run, record)
    words = prepared.tokenizer.words
    pairs = {frozenset((words[first], words[second])) for first, second in prepared.excluded_pairs}
    assert pairs == {frozenset(("good", "bad")), frozenset(("good", "awful")), frozenset(("bad", "great"))}
    assert record["vectors"]["num_excluded_pairs"] == len(pairs)
    ids = build_objective(settings, prepared).loss.neighbour_ids.tolist()
    assert all(frozenset((words[row], words[other])) not in pairs for row, near in enumerate(ids) for other in near)
    plain = build_objective(TrainSettings(**all_words), dataclasses.replace(prepared, excluded_pairs=NO_PAIRS))
    assert ids != plain.loss.neighbour_ids.tolist()
    assert train_run(run, files, settings, resume=True)["status"] == "finished"
    with pytest.raises(CheckpointError, match=r"other settings \(exclude_neighbours\)"):
        train_run(run, files, TrainSettings(**all_words), resume=True)


def test_a_run_from_before_there_were_exclusions_goes_on(files, tmp_path):
    run = tmp_path / "run"
    settings = TrainSettings(**SMALL | {"epochs": 1})
    train_run(run, files, settings)
    record = json.loads((run / "run.json").read_text())
    del record["settings"]["exclude_neighbours"]
    (run / "run.json").write_text(json.dumps(record))
    with np.load(run / "vectors.npz") as arrays:
        former = {name: arrays[name] for name in arrays if name != "excluded_pairs"}
    np.savez(run / "vectors.npz", **former)
    assert train_run(run, files, settings, resume=True)["status"] == "finished"


def test_other_files_are_refused_on_resume(files, tmp_path, vectors):
    train_run(tmp_path / "run", files, TrainSettings(**SMALL | {"epochs": 1}))
    (tmp_path / "other.txt").write_text("the soup was good .\n" * 3)
    others = TrainingFiles(train=[tmp_path / "other.txt"], dev=files.dev, vectors=vectors)
    with pytest.raises(CheckpointError, match="started with other files"):
        train_run(tmp_path / "run", others, TrainSettings(**SMALL | {"epochs": 1}), resume=True)


@pytest.mark.parametrize(("epochs", "warned"), [("1", True), ("25", False)])
def test_train_script_says_when_a_model_will_not_do(tmp_path, reviews, vectors, epochs, warned):
    command = [sys.executable, ROOT / "training" / "train.py", "--train", reviews, "--dev", reviews, "--out"]
    command += [tmp_path / "run", "--vectors", vectors, "--epochs", epochs, "--batch-size", "4", "--hidden-size", "32"]
    command += ["--learning-rate", "0.003"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert ("paraphrases will make no sense" in done.stderr) == warned
