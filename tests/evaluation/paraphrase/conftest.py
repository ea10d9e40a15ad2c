"""A judge whose similarities can be worked out by hand, a corpus, and a tiny model that has learnt nothing."""

import hashlib

import numpy as np
import orjson
import pytest

from resay.text import Tokenizer, split_words

WORDS = ["good", "great", "bad", "soup", "broth", "bread"]
SENTENCES = [f"the {dish} was {what} ." for dish in WORDS[3:] for what in WORDS[:3]] + ["it cost 5 dollars .", "no ."]
OPPOSITES = {frozenset(pair) for pair in (("good", "bad"), ("great", "bad"))}


class WordCounts:
    """Cosine of word counts; counts how often it was asked."""

    name = "word counts"

    def __init__(self):
        self.asked = 0

    def embed(self, texts):
        self.asked += 1
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in split_words(text):
                row[int.from_bytes(hashlib.sha256(word.encode()).digest()[:2]) % 512] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


@pytest.fixture
def judge():
    return WordCounts()


@pytest.fixture
def opposites():
    return lambda first, second: frozenset((first, second)) in OPPOSITES


@pytest.fixture(scope="session")
def corpus():
    return SENTENCES


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A run whose vectors make good and great, soup and broth near, and nothing else."""
    folder = tmp_path_factory.mktemp("run")
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    tokenizer.save(folder / "tokenizer.json")
    vectors = np.eye(tokenizer.vocab_size, dtype=np.float32)
    row = {word: number for number, word in enumerate(tokenizer.words)}
    for word, near in (("great", "good"), ("broth", "soup"), ("bad", "good")):
        vectors[row[word], row[near]] = 0.9 if word != "bad" else 0.5
    has_vector = np.array([word in WORDS for word in tokenizer.words])
    np.savez(folder / "vectors.npz", vectors=vectors, has_vector=has_vector, stop_ids=np.array([row["the"]]))
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    pytest.importorskip("onnx")
    import torch

    from resay.graphs.decoder_step_graph import build_decoder_step
    from resay.graphs.encoder_graph import build_encoder
    from resay.graphs.folder import write_folder
    from resay.models import Autoencoder, ModelSettings

    torch.manual_seed(3)
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    settings = ModelSettings(vocab_size=tokenizer.vocab_size, word_vector_size=16, hidden_size=12)
    model = Autoencoder(settings, torch.randn(settings.vocab_size, 16), torch.ones(settings.vocab_size)).eval()
    sizes = {"vocab_size": settings.vocab_size, "word_vector_size": 16, "hidden_size": 12, "latent_size": 12}
    options = {"num_neighbours": 3, "ce_mix": 0.0, "reduction": "mean"}
    card = {
        "format": 1,
        "name": "tiny",
        "dimensions": sizes | {"embedding_size": 16},
        "limits": {"max_length": 12},
        "loss": "soft-label",
        "provenance": {"loss_options": options},
    }
    files = {
        "encoder.onnx": build_encoder(model),
        "decoder_step.onnx": build_decoder_step(model),
        "tokenizer.json": tokenizer.to_bytes(),
        "model.json": orjson.dumps(card),
    }
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_folder(folder, files)
    return folder


@pytest.fixture
def row():
    """Make a row of the table."""

    def make(model="m", strategy="sample", dial="0", **cells):
        fixed = {"loss": "ce", "options": "", "num_sentences": 4, "n": 5, "seed": 0, "judge": "word counts"}
        hashes = {"model_sha256": f"sha of {model}", "sentences_sha256": "s"}
        values = {"similarity": 0.5, "novelty": 0.5, "self_bleu": 0.5}
        return {"model": model, "strategy": strategy, "dial": dial} | fixed | hashes | values | cells

    return make


@pytest.fixture
def counted():
    """Make a function that notes how often it was called."""

    def make(result):
        def call():
            call.calls += 1
            return result

        call.calls = 0
        return call

    return make
