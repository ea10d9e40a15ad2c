"""Word vectors, a text, and tiny runs of random weights with the folders exported from them."""

import json

import numpy as np
import pytest
import torch

from resay.fitting.checkpoint import TOKENIZER_FILE, save_model
from resay.fitting.embedding import save_embedder
from resay.graphs.export import export_run
from resay.models import Autoencoder, ModelSettings
from resay.models.embedder import SentenceEmbedder
from resay.text import Tokenizer
from resay.text.lexicon import Lexicon
from resay.vectors import WordVectors

WORDS = ["bread", "cold", "good", "like", "soup", "the", "waiter", "was"]
LINES = ["The soup was good .", "the bread was cold", "the the the waiter", "soup !"]
TEXTS = [
    "the soup was good",
    "",
    "Waiter , the bread is COLD !",
    "soup",
    "zyx",
    "the waiter liked the soup and was good",
]
MAX_LENGTH = 6


@pytest.fixture(scope="session")
def word_vectors():
    return WordVectors(WORDS, np.random.default_rng(0).standard_normal((len(WORDS), 4)).astype(np.float32))


@pytest.fixture(scope="session")
def files(word_vectors, tmp_path_factory):
    """What baselines are made from, as `open_system` takes it."""
    folder = tmp_path_factory.mktemp("words")
    word_vectors.save_npz(folder / "vectors.npz")
    (folder / "lemmas.json").write_text(json.dumps({"liked": "like", "good": "bread", "were": "be"}))
    (folder / "text.txt").write_text("\n".join(LINES) + "\n")
    return {"vectors": folder / "vectors.npz", "lemmas": folder / "lemmas.json", "text": folder / "text.txt"}


@pytest.fixture
def make_run(tmp_path, word_vectors):
    """Write the folder of a run that has learnt nothing."""

    def make(name="tiny-seed1", latent="none", *, with_lexicon=False, seed=0):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        tokenizer = Tokenizer.build(LINES, min_count=1)
        model_settings = {
            "vocab_size": tokenizer.vocab_size,
            "word_vector_size": 5,
            "hidden_size": 6,
            "latent": latent,
            "latent_size": 4,
        }
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = Autoencoder(ModelSettings(**model_settings), torch.randn(tokenizer.vocab_size, 5)).eval()
            for parameter in model.parameters():
                parameter.data.normal_()
        record = {"name": name, "model": model_settings, "settings": {"max_length": MAX_LENGTH, "loss": "ce"}}
        extras = {"loss": {"name": "ce", "options": {}}, "metrics": {}, "corpus": {}, "created": "now", "commit": None}
        (folder / "run.json").write_text(json.dumps(record | extras))
        save_model(folder, model)
        tokenizer.save(folder / TOKENIZER_FILE)
        if with_lexicon:
            rng = np.random.default_rng(1)
            lexicon = Lexicon(WORDS, num_buckets=8)
            codes = torch.from_numpy(rng.integers(-127, 128, (len(lexicon), 4)).astype(np.int8))
            scales, weights = (torch.from_numpy(rng.random(len(lexicon)).astype(np.float32)) for _ in range(2))
            save_embedder(folder, lexicon, SentenceEmbedder(codes, scales, torch.arange(len(lexicon)), weights))
        return folder

    return make


@pytest.fixture
def export(tmp_path):
    """Export a run."""

    def make(run):
        out = tmp_path / "models" / run.name
        out.parent.mkdir(exist_ok=True)
        export_run(run, out)
        return out

    return make
