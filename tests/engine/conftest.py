"""A model folder around a tiny model that has learnt a few sentences by heart."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import orjson
import pytest
import torch

from resay.engine import (
    DecodeService,
    EncodeService,
    InterpolateService,
    ModelFolder,
    Paraphraser,
    ParaphraseService,
    RawRequest,
    SampleService,
    SentenceEncoder,
)
from resay.fitting.embedding import EmbeddingSettings, fit_embedding
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.folder import write_folder
from resay.graphs.latent_space import latent_space
from resay.models import Autoencoder, ModelSettings
from resay.models.embedder import SentenceEmbedder
from resay.text import BOS_ID, EOS_ID, Tokenizer
from resay.text.lexicon import Lexicon
from resay.vectors import WordVectors

SUBJECTS = ["the soup", "the bread", "the hotel", "our room", "the waiter"]
ENDINGS = [
    "was great !",
    "was very good .",
    "is small and clean .",
    "cost _num_ dollars .",
    "was n't nice at all .",
    "took _num_ minutes in _num_ cases .",
]
SENTENCES = [f"{subject} {ending}" for subject in SUBJECTS for ending in ENDINGS]
MAX_LENGTH = 12
LATENT_SIZE = 10
"""No whole number of bytes."""
PRIORS = {
    "binary": {"prior": {"kind": "bernoulli", "probabilities": [0.5] * 8 + [0.0, 1.0]}},
    "bottleneck": {"prior": {"kind": "gaussian", "mean": [0.5] * 10, "factor": [[0.1] * 10, [0.0] * 9 + [1.0]]}},
}
"""Where the sentences of a run would be needed to measure them."""


def train(model: Autoencoder, sentences: list[list[int]], num_steps: int = 120) -> None:
    """Teach the model to say these sentences again; nothing of resay's own training is involved."""
    longest = max(map(len, sentences)) + 1
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    token_ids, targets = (torch.zeros(len(sentences), longest, dtype=torch.int64) for _ in range(2))
    for row, sentence in enumerate(sentences):
        token_ids[row, : len(sentence)] = torch.tensor(sentence)
        targets[row, : len(sentence) + 1] = torch.tensor([*sentence, EOS_ID])
    begin = torch.full((len(sentences), 1), BOS_ID)
    previous = torch.cat([begin, token_ids[:, :-1]], dim=1)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=0.02)
    for _ in range(num_steps):
        states, _ = model(token_ids, lengths, previous)
        loss = torch.nn.functional.cross_entropy(model.decoder.output(states).transpose(1, 2), targets, ignore_index=0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def make_embedder() -> tuple[Lexicon, SentenceEmbedder]:
    """Words that the decoder knows, and "guitar", which it does not."""
    words = ["good", "great", "guitar", "soup", "the", "was"]
    vectors = WordVectors(words, np.random.default_rng(5).standard_normal((len(words), 6)).astype(np.float32))
    settings = EmbeddingSettings(max_vectors=100, whitening=0.35, num_buckets=64)
    return fit_embedding(vectors, settings, counts={}, background={"the": 900, "was": 99, "soup": 1})


def write_model(
    path: Path, *, num_steps: int, hidden_size: int = 24, latent: str = "none", with_lexicon: bool = False
) -> Path:
    torch.manual_seed(11)
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    settings = ModelSettings(
        vocab_size=tokenizer.vocab_size,
        word_vector_size=10,
        hidden_size=hidden_size,
        latent=latent,
        latent_size=LATENT_SIZE,
    )
    model = Autoencoder(settings, torch.randn(settings.vocab_size, 10), torch.rand(settings.vocab_size) + 0.1)
    for parameter in model.parameters():
        if parameter.requires_grad:  # torch's own start gives almost the same numbers for every sentence
            torch.nn.init.uniform_(parameter, -0.4, 0.4)
    train(model, [tokenizer.encode(sentence).token_ids for sentence in SENTENCES], num_steps)
    card = {
        "format": 1,
        "name": path.name,
        "dimensions": {
            "vocab_size": settings.vocab_size,
            "word_vector_size": settings.word_vector_size,
            "hidden_size": settings.hidden_size,
            "latent_size": model.bottleneck.latent_size,
            "embedding_size": settings.word_vector_size,
        },
        "limits": {"max_length": MAX_LENGTH},
        "loss": "ce",
        "latent": latent,
        "a key of a later version": True,
    }
    if latent != "none":  # and without it, as before there were others
        card["latent_space"] = latent_space(model.eval(), None) | PRIORS.get(latent, {})
    lexicon, embedder = make_embedder() if with_lexicon else (None, None)
    if embedder is not None:
        card["dimensions"] |= {"embedding_size": embedder.size}
    files = {
        "encoder.onnx": build_encoder(model.eval(), embedder),
        "decoder_step.onnx": build_decoder_step(model),
        "tokenizer.json": tokenizer.to_bytes(),
        "model.json": orjson.dumps(card),
    }
    if lexicon is not None:
        files["lexicon.txt"] = lexicon.to_bytes()
    write_folder(path, files)
    torch.save(model.state_dict(), path.parent / "state.pt")
    return path


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny", num_steps=120)


@pytest.fixture(scope="session")
def lexicon_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose embeddings read words of their own."""
    return write_model(tmp_path_factory.mktemp("models") / "wordy", num_steps=120, with_lexicon=True)


@pytest.fixture
def model_copy(model_path: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(model_path, tmp_path / "copy"))


@pytest.fixture(scope="session")
def folder(model_path: Path) -> ModelFolder:
    return ModelFolder.open(model_path)


@pytest.fixture(scope="session")
def encoder(folder: ModelFolder) -> SentenceEncoder:
    return SentenceEncoder.open(folder)


@pytest.fixture(scope="session")
def paraphraser(folder: ModelFolder) -> Paraphraser:
    return Paraphraser.open(folder)


@pytest.fixture(scope="session")
def encode_service(model_path: Path) -> EncodeService:
    return EncodeService.open(model_path)


@pytest.fixture(scope="session")
def paraphrase_service(model_path: Path) -> ParaphraseService:
    return ParaphraseService.open(model_path)


@pytest.fixture(scope="session")
def latent_path(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The model with a latent; each is made when first asked for."""
    paths = {"none": model_path}

    def find(latent: str) -> Path:
        if latent not in paths:
            paths[latent] = write_model(tmp_path_factory.mktemp("latents") / latent, num_steps=60, latent=latent)
        return paths[latent]

    return find


SERVICES = {
    "encode": EncodeService,
    "paraphrase": ParaphraseService,
    "decode": DecodeService,
    "interpolate": InterpolateService,
    "sample": SampleService,
}


@pytest.fixture(scope="session")
def open_service(latent_path: Callable[[str], Path]) -> Callable[[str, str], object]:
    """The service of a name for the model with a latent; each is opened once."""
    opened: dict[tuple[str, str], object] = {}

    def find(name: str, latent: str) -> object:
        if (name, latent) not in opened:
            opened[name, latent] = SERVICES[name].open(latent_path(latent))
        return opened[name, latent]

    return find


@pytest.fixture(scope="session")
def ask_service(open_service: Callable[[str, str], object]) -> Callable[..., tuple[int, dict]]:
    """Ask a service one thing; returns status and reply."""

    def ask(name: str, latent: str, **fields: object) -> tuple[int, dict]:
        (reply,) = open_service(name, latent).respond([RawRequest(orjson.dumps(fields), "application/json")])
        return reply.status, orjson.loads(reply.body)

    return ask


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


class SlowStep:
    """A decoder whose every step takes one second, on a clock of its own."""

    def __init__(self, step) -> None:
        self.step = step
        self.vocab_size, self.hidden_size = step.vocab_size, step.hidden_size
        self.seconds = 0
        self.num_rows: list[int] = []

    def run(self, token_ids, latents, state, num_candidates):
        self.seconds += 1
        self.num_rows.append(len(token_ids))
        return self.step.run(token_ids, latents, state, num_candidates)


@pytest.fixture
def slow(paraphraser: Paraphraser, monkeypatch: pytest.MonkeyPatch) -> SlowStep:
    """The decoder of `paraphraser`, made slow; the engine looks at its clock instead of the real one."""
    step = SlowStep(paraphraser.step)
    clock = SimpleNamespace(monotonic=lambda: float(step.seconds))
    for module in ("deadline", "decoding.step_loop"):
        monkeypatch.setattr(f"resay.engine.{module}.time", clock)
    return step
