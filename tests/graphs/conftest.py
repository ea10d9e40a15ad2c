"""Tiny models with random weights, a run folder around one, and one around a small model that was trained."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from resay.models import Autoencoder, ModelSettings

SENTENCES = [
    "The cat sits on the mat.",
    "Two dogs run.",
    "I like this book.",
    "Thank you.",
    "yes",
    "no",
    "hello",
]


@pytest.fixture
def tiny_model() -> Callable[..., Autoencoder]:
    def make(
        vocab_size: int = 23,
        word_vector_size: int = 5,
        hidden_size: int = 7,
        direction: str = "reverse",
        seed: int = 0,
        **choices: object,
    ) -> Autoencoder:
        torch.manual_seed(seed)
        settings = ModelSettings(
            vocab_size=vocab_size,
            word_vector_size=word_vector_size,
            hidden_size=hidden_size,
            encoder_direction=direction,
            **choices,
        )
        model = Autoencoder(settings, torch.randn(vocab_size, word_vector_size), torch.rand(vocab_size))
        for parameter in model.parameters():
            if parameter.requires_grad:  # torch's own start is so small that wrong gates would hardly show
                torch.nn.init.uniform_(parameter, -0.8, 0.8)
        return model.eval()

    return make


@pytest.fixture
def run_folder(tmp_path: Path, tiny_model: Callable[..., Autoencoder]) -> Path:
    from resay.fitting.checkpoint import save_model
    from resay.fitting.record import write_record
    from resay.text import Tokenizer

    run = tmp_path / "runs" / "tiny"
    run.mkdir(parents=True)
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    tokenizer.save(run / "tokenizer.json")
    model = tiny_model(vocab_size=tokenizer.vocab_size)
    save_model(run, model)
    settings = {name: getattr(model.settings, name) for name in ModelSettings.__slots__}
    write_record(
        run,
        {
            "seed": 3,
            "git_commit": "0" * 40,
            "versions": {"torch": "2.13.0"},
            "corpus": {"train": {"sha256": "c" * 64}, "dev": {"sha256": "d" * 64}},
            "vectors": {"source": "random"},
            "loss": {"name": "soft-label", "options": {"num_neighbours": 5}},
            "metrics": {"dev_loss": 1.5},
            "created": "2026-01-01T00:00:00+00:00",
            "settings": {"max_length": 12},
            "model": settings,
        },
    )
    return run


@pytest.fixture
def run_script() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    script = Path(__file__).parents[2] / "export" / "to_onnx.py"

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(script), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    return run


TRAINED_SENTENCES = [
    f"the {noun} was {adverb} {adjective} {ending}"
    for noun in ("food", "service", "room", "bed", "bar")
    for adverb in ("very", "really", "so")
    for adjective in ("good", "great", "slow", "clean")
    for ending in (".", "today .")
]
NUM_TRAINING_STEPS = 150


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with corpora whose model says nearly all of its sentences again; read only."""
    from resay.corpus import prepare_corpus
    from resay.fitting.checkpoint import save_model
    from resay.fitting.record import write_record
    from resay.text import Tokenizer

    run = tmp_path_factory.mktemp("trained") / "run"
    run.mkdir()
    tokenizer = Tokenizer.build(TRAINED_SENTENCES, min_count=1)
    tokenizer.save(run / "tokenizer.json")
    text = run / "text.txt"
    text.write_text("\n".join(TRAINED_SENTENCES) + "\n")
    for name in ("train", "dev"):
        prepare_corpus([text], tokenizer, run / "corpus" / name, max_length=12)
    torch.manual_seed(0)
    settings = ModelSettings(vocab_size=tokenizer.vocab_size, word_vector_size=16, hidden_size=32)
    model = Autoencoder(settings, torch.randn(tokenizer.vocab_size, 16))
    fit(model, run / "corpus" / "train")
    save_model(run, model)
    sizes = {name: getattr(model.settings, name) for name in ModelSettings.__slots__}
    write_record(run, {"settings": {"max_length": 12}, "model": sizes})
    return run


def fit(model: Autoencoder, folder: Path) -> None:
    import numpy as np
    from torch.nn.functional import cross_entropy

    from resay.corpus import Corpus, make_batch

    corpus = Corpus.open(folder)
    batch = make_batch(corpus, np.arange(len(corpus)))
    token_ids, lengths, previous, targets = map(
        torch.from_numpy, (batch.token_ids, batch.lengths, batch.previous_ids, batch.targets)
    )
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=0.01)
    for _ in range(NUM_TRAINING_STEPS):
        states, _ = model(token_ids, lengths, previous)
        loss = cross_entropy(model.decoder.output(states).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
