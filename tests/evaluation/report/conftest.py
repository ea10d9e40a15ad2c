"""Made-up results, and a tiny model that has learnt nothing, as a run and exported."""

import json

import pytest

from resay.evaluation.rows import COLUMNS
from resay.text import Tokenizer

LOSSES = {"soft": "soft-label", "ce": "ce"}


@pytest.fixture
def results():
    """Return what makes a row: results("ce-seed0", "mrpc", "accuracy", 70.0)."""

    def make(system, task, metric, value, **cells):
        loss = LOSSES.get(system.partition("-")[0], "")
        seed = system.partition("-seed")[2] if loss else ""
        reading = "embedding" if loss else ""
        blank = dict.fromkeys(COLUMNS, "")
        known = {"commit": "abc1234", "hardware": "CPU: fast", "seconds": 2.5}
        row = {"system": system, "task": task, "metric": metric, "value": value}
        return blank | known | {"loss": loss, "seed": seed, "reading": reading} | row | cells

    return make


@pytest.fixture
def table(results):
    """Three seeds of one training, another training and baselines, on three tasks."""
    rows = []
    for seed, accuracy, correlation in ((0, 70.0, 0.70), (1, 72.0, 0.72), (2, 71.0, 0.71)):
        rows += [
            results(f"soft-seed{seed}", "mrpc", "accuracy", accuracy),
            results(f"soft-seed{seed}", "sts-b", "cosine_pearson", correlation),
            results(f"soft-seed{seed}", "snli", "accuracy", 60.0, note="20k train pairs"),
        ]
    rows += [results("ce-seed0", "mrpc", "accuracy", 69.0), results("ce-seed0", "sts-b", "mse", 0.5)]
    for name, accuracy, correlation in (("random-lstm", 70.5, 0.2), ("average", 66.0, 0.52)):
        rows += [
            results(name, "mrpc", "accuracy", accuracy),
            results(name, "sts-b", "cosine_pearson", correlation),
            results(name, "snli", "accuracy", 50.0, note="20k train pairs"),
        ]
    return rows


SENTENCES = [f"the {dish} was {what} ." for dish in ("soup", "bread") for what in ("good", "bad", "cold")] + ["no ."]
SIZES = {"word_vector_size": 8, "hidden_size": 6}


def tiny_model():
    import torch

    from resay.models import Autoencoder, ModelSettings

    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    settings = ModelSettings(vocab_size=tokenizer.vocab_size, **SIZES)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = Autoencoder(settings, torch.randn(settings.vocab_size, 8), torch.ones(settings.vocab_size)).eval()
    return model, tokenizer


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A run that has learnt nothing, under the name of a second seed."""
    from resay.fitting.checkpoint import save_model

    folder = tmp_path_factory.mktemp("runs") / "soft-seed1"
    folder.mkdir()
    model, tokenizer = tiny_model()
    save_model(folder, model)
    tokenizer.save(folder / "tokenizer.json")
    record = {
        "seed": 1,
        "command": ["training/train.py", "--loss", "soft-label", "--out", "my runs/soft"],
        "status": "finished",
        "git_commit": "0123456789abcdef+changes",
        "loss": {
            "name": "soft-label",
            "options": {"num_neighbours": 3, "ce_mix": 0.1, "eps": None, "reduction": "mean"},
        },
        "settings": {"loss": "soft-label", "num_neighbours": 3, "seed": 1, "max_length": 9, "batch_size": 64},
        "model": {field: getattr(model.settings, field) for field in type(model.settings).__slots__},
        "corpus": {"train": {"files": ["/a/b/train.txt"], "num_sentences": 7, "num_tokens": 35, "sha256": "f" * 64}},
        "vectors": {"source": "/a/b/vectors.npz", "summary": "12 words", "exclusions": ["antonyms"]},
        "metrics": {"epoch": 2},
        "epochs": 3,
        "seconds": 1234.5,
        "device": "cpu",
    }
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "history.csv").write_text("epoch,train_loss,dev_loss\n1,5.0,4.5\n2,4.0,4.1\n")
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """The same model exported."""
    pytest.importorskip("onnx")
    from resay.graphs.decoder_step_graph import build_decoder_step
    from resay.graphs.encoder_graph import build_encoder
    from resay.graphs.folder import write_folder

    model, tokenizer = tiny_model()
    card = {
        "format": 1,
        "name": "soft",
        "dimensions": SIZES | {"vocab_size": tokenizer.vocab_size, "latent_size": 6, "embedding_size": 8},
        "limits": {"max_length": 12},
        "loss": "soft-label",
        "provenance": {"loss_options": {"num_neighbours": 3}, "seed": 1, "git_commit": None, "vectors": None},
    }
    folder = tmp_path_factory.mktemp("models") / "soft"
    files = {
        "encoder.onnx": build_encoder(model),
        "decoder_step.onnx": build_decoder_step(model),
        "tokenizer.json": tokenizer.to_bytes(),
        "model.json": json.dumps(card).encode(),
    }
    write_folder(folder, files)
    return folder


@pytest.fixture(scope="session")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "dev.txt"
    path.write_text("\n".join(SENTENCES) + "\n")
    return path
