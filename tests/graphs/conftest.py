"""Tiny models with random weights, and a run folder around one."""

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
    ) -> Autoencoder:
        torch.manual_seed(seed)
        settings = ModelSettings(
            vocab_size=vocab_size,
            word_vector_size=word_vector_size,
            hidden_size=hidden_size,
            encoder_direction=direction,
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
