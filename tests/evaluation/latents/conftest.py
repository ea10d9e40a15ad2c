"""Tiny models of every latent that have learnt nothing, run folders of them, and rows that can be made up."""

import json

import numpy as np
import pytest
import torch

from resay.corpus import Corpus, prepare_corpus
from resay.fitting.checkpoint import MODEL_FILE, TOKENIZER_FILE, save_model
from resay.models import Autoencoder, ModelSettings
from resay.text import Tokenizer

SENTENCES = [
    "the soup was good .",
    "bad bread .",
    "the waiter was very slow and the soup was cold .",
    "good",
    "we liked the bread , the soup and the waiter .",
    "the bread was cold .",
    "slow waiter , bad soup .",
    "we liked it .",
]
LATENT_SIZE = 4


@pytest.fixture(scope="session")
def tokenizer():
    return Tokenizer.build(SENTENCES, min_count=1)


@pytest.fixture(scope="session")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "test.txt"
    path.write_text("\n".join(SENTENCES) + "\n")
    return path


@pytest.fixture(scope="session")
def corpus(tokenizer, text_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    prepare_corpus([text_file], tokenizer, folder, 9)
    return Corpus.open(folder)


@pytest.fixture
def make_model(tokenizer):
    """Make a model of a latent with weights large enough for latents to matter."""

    def make(latent="binary", seed=0):
        settings = ModelSettings(
            vocab_size=tokenizer.vocab_size,
            word_vector_size=5,
            hidden_size=6,
            latent=latent,
            latent_size=LATENT_SIZE,
            encoder_cell="gru",
            encoder_direction="both",
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = Autoencoder(settings, torch.randn(settings.vocab_size, 5)).eval()
            for parameter in model.parameters():
                parameter.data.normal_()
        return model

    return make


@pytest.fixture
def make_run(tmp_path, make_model, tokenizer):
    """Write the folder of a finished run."""

    def make(name, latent="binary", *, word_dropout=0.0, status="finished", created="2026-01-01T00:00:00+00:00"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True, exist_ok=True)
        model = make_model(latent)
        settings = {field: getattr(model.settings, field) for field in type(model.settings).__slots__}
        record = {
            "name": name,
            "created": created,
            "status": status,
            "epochs": 2,
            "model": settings,
            "settings": {"loss": "ce", "word_dropout": word_dropout, "max_length": 9},
            "corpus": {"train": {"num_sentences": 1234}},
        }
        (folder / "run.json").write_text(json.dumps(record))
        save_model(folder, model)
        tokenizer.save(folder / TOKENIZER_FILE)
        assert (folder / MODEL_FILE).is_file()
        return folder

    return make


@pytest.fixture
def row():
    """Make up a row of a table."""

    def make(run, latent="binary", *, word_dropout=0.0, **cells):
        head = {"run": run, "created": "now", "latent": latent, "word_dropout": word_dropout, "loss": "ce"}
        sizes = {"epochs": 2, "train_sentences": 1234, "input": "test.txt", "num_sentences": 8}
        return {name: str(value) for name, value in (head | sizes | cells).items()}

    return make


@pytest.fixture
def rng():
    return np.random.default_rng(0)
