"""Table files, files to train on and rows, all made up."""

import itertools

import numpy as np
import pytest

from resay.evaluation.rows import COLUMNS
from resay.evaluation.tables.table_file import read_table_file
from resay.fitting.preparation import TrainingFiles

TABLE = """
[base]
hidden_size = 8
batch_size = 16
epochs = 1
min_count = 1
encoder_direction = "forward"
num_reconstructions = 4

[rows]
ce = { loss = "ce" }
weighted-ce = { loss = "weighted-ce" }
soft-label-2 = { loss = "soft-label", num_neighbours = 2, exclude_neighbours = [] }
soft-label-3 = { loss = "soft-label", num_neighbours = 3, exclude_neighbours = [] }
soft-label-2-raw = { loss = "soft-label", num_neighbours = 2, exclude_neighbours = [], normalize = false }
soft-label-3-raw = { loss = "soft-label", num_neighbours = 3, exclude_neighbours = [], normalize = false }
no-vectors = { loss = "ce", vectors = false, word_vector_size = 4, fasttext_epochs = 1 }
no-lemmas = { loss = "ce", lemmas = false }

[groups.table1]
rows = ["ce", "soft-label-2", "soft-label-3", "weighted-ce"]

[groups.figure2]
rows = ["ce", "soft-label-2", "soft-label-3", "soft-label-2-raw", "soft-label-3-raw"]
seeds = [0]

[groups.lemmas]
question = "With base forms or without"
rows = ["ce", "no-lemmas"]

[groups.pooling]
question = "Which vector"
rows = ["ce"]
readings = ["latent", "mean"]

[groups.open]
groups = ["lemmas", "pooling"]
"""


@pytest.fixture
def table_file(tmp_path):
    path = tmp_path / "table.toml"
    path.write_text(TABLE)
    return path


@pytest.fixture
def table(table_file):
    return read_table_file(table_file)


@pytest.fixture(scope="session")
def given(tmp_path_factory):
    """Sixty sentences, vectors of their words but for "soups", and its base form."""
    folder = tmp_path_factory.mktemp("given")
    words = [("the", "our"), ("soup", "soups", "waiter"), ("was", "seemed"), ("good", "great", "bad", "cold", "warm")]
    sentences = [" ".join(one) + " ." for one in itertools.product(*words)]
    (folder / "train.txt").write_text("\n".join(sentences) + "\n")
    (folder / "dev.txt").write_text("\n".join(sentences[::5]) + "\n")
    (folder / "lemmas.json").write_text('{"soups": "soup"}')
    known = sorted({word for group in words for word in group} - {"soups"})
    vectors = np.random.default_rng(0).standard_normal((len(known), 4)).astype(np.float32)
    np.savez(folder / "vectors.npz", words=np.array(known), vectors=vectors)
    return TrainingFiles(
        train=[folder / "train.txt"],
        dev=[folder / "dev.txt"],
        vectors=folder / "vectors.npz",
        lemmas=folder / "lemmas.json",
    )


@pytest.fixture
def make_row():
    """Make up one measured figure."""

    def make(system, task, metric, value, *, reading="latent", note=""):
        place = {"system": system, "reading": reading, "task": task, "metric": metric}
        return dict.fromkeys(COLUMNS, "") | place | {"value": str(value), "note": note}

    return make


@pytest.fixture
def make_rows(make_row):
    """Make up the figures of rows, one accuracy for the three tasks, a value a seed."""

    def make(values, *, reading="latent"):
        return [
            make_row(f"{row}-seed{seed}", task, "accuracy", value, reading=reading)
            for row, by_seed in values.items()
            for seed, value in enumerate(by_seed)
            for task in ("mrpc", "snli", "sick-e")
        ]

    return make
