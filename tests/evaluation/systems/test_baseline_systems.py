"""Baselines, each against its formula written out for one text at a time."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from resay.errors import SettingsError
from resay.evaluation.systems import BASELINES, System, open_system, pooled_words
from resay.evaluation.systems.minilm import MiniLm
from resay.evaluation.systems.random_lstm import RandomLstm
from resay.evaluation.systems.word_table import WordTable
from resay.vectors.alignment import random_direction

TEXTS = ["the soup was good", "", "Waiter , the bread is COLD !", "soup", ". !", "the waiter liked the soup , zyx"]
WORDS = [["the", "soup", "was", "good"], [], ["waiter", "the", "bread", "is", "cold"], ["soup"], []]
WORDS.append(["the", "waiter", "liked", "the", "soup", "zyx"])
COUNTED = {"the": 5, "soup": 2, "was": 2, "good": 1, "bread": 1, "cold": 1, "waiter": 1, ".": 1, "!": 1}


def vector(word_vectors, word):
    """A word's own vector, its lemma's, or a direction that it alone decides."""
    form = {"liked": "like"}.get(word, word)
    if form in word_vectors:
        return word_vectors[form]
    return random_direction(word, 4, seed=0) * np.median(np.linalg.norm(word_vectors.matrix, axis=1))


def averages(word_vectors, weigh):
    rows = []
    for words in WORDS:
        weights = [weigh(word) for word in words]
        weighted = [weight * vector(word_vectors, word) for weight, word in zip(weights, words, strict=True)]
        rows.append(np.sum(weighted, axis=0) / sum(weights) if sum(weights) else np.zeros(4))
    return np.stack(rows)


def sif_weight(word):
    return 3e-4 / (3e-4 + COUNTED.get(word, 0) / sum(COUNTED.values()))


def test_average(files, word_vectors):
    found = open_system("average", **files).embed(TEXTS)
    np.testing.assert_allclose(found, averages(word_vectors, lambda word: 1.0), atol=1e-6)


def test_average_of_content_words(files, word_vectors):
    found = open_system("average-content", **files).embed(TEXTS)
    expected = averages(word_vectors, lambda word: float(word not in ("the", "was", "is")))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_sif(files, word_vectors):
    found = open_system("sif", **files).embed(TEXTS)
    np.testing.assert_allclose(found, averages(word_vectors, sif_weight), atol=1e-5)


def test_sif_without_a_component_of_its_own_text(files, word_vectors, monkeypatch):
    weighted, without = open_system("sif", **files), open_system("sif-pc", **files)
    lines = weighted.embed(["The soup was good .", "the bread was cold", "the the the waiter", "soup !"])
    component = np.linalg.svd(lines, full_matrices=False)[2][0]
    vectors = weighted.embed(TEXTS)
    np.testing.assert_allclose(without.embed(TEXTS), vectors - np.outer(vectors @ component, component), atol=1e-5)
    np.testing.assert_allclose(without.embed(TEXTS[:1]), without.embed(TEXTS)[:1], atol=1e-6)
    monkeypatch.setattr(pooled_words, "NUM_FITTED", 2)
    component = np.linalg.svd(lines[::2], full_matrices=False)[2][0]
    np.testing.assert_allclose(
        open_system("sif-pc", **files).embed(TEXTS), vectors - np.outer(vectors @ component, component), atol=1e-5
    )


def test_maximum(files, word_vectors):
    found = open_system("maximum", **files).embed(TEXTS)
    rows = [np.max([vector(word_vectors, word) for word in words], axis=0) if words else np.zeros(4) for words in WORDS]
    np.testing.assert_allclose(found, rows, atol=1e-6)


def test_random_lstm(files, word_vectors):
    system = open_system("random-lstm", **files, seed=0)
    table = WordTable(files["vectors"], files["lemmas"], seed=0)
    small = RandomLstm(table, seed=5, num_units=3)
    found = small.embed(TEXTS)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        lstm = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    for words, row in zip(WORDS, found, strict=True):
        if words:
            steps = torch.tensor(np.stack([vector(word_vectors, word) for word in words]), dtype=torch.float32)
            expected = lstm(steps[None])[0].amax(1)[0].detach().numpy()
            np.testing.assert_allclose(row, expected, atol=1e-5)
        else:
            assert not row.any()
    assert system.embed(TEXTS).shape == (6, 512)


def test_random_lstms_follow_their_seed_and_leave_torch_alone(files):
    state = torch.get_rng_state()
    first, again, other = (open_system("random-lstm", **files, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(first.embed(TEXTS), again.embed(TEXTS))
    assert not np.allclose(first.embed(TEXTS), other.embed(TEXTS))
    assert first.sha256 == again.sha256 != other.sha256


def test_more_texts_than_are_pooled_at_once(files, monkeypatch):
    for name in ("average", "maximum"):
        system = open_system(name, **files)
        together = system.embed(TEXTS)
        monkeypatch.setattr(pooled_words, "TEXTS_AT_ONCE", 2)
        np.testing.assert_allclose(system.embed(TEXTS), together, atol=1e-6)
        monkeypatch.undo()
        assert system.embed([]).shape == (0, 4)


@dataclass
class FakeJudge:
    name: str = "a judge 0123 fp32"

    def embed(self, texts):
        return np.ones((len(texts), 2), np.float32)


def test_minilm_is_the_judge():
    system = MiniLm(FakeJudge())
    assert isinstance(system, System)
    assert system.embed(TEXTS).shape == (6, 2)
    assert system.sha256 == MiniLm(FakeJudge()).sha256 != MiniLm(FakeJudge("a judge 4567 fp32")).sha256


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "minilm"])
def test_every_baseline_has_its_name_and_a_hash_of_all_that_it_reads(files, tmp_path, name):
    system = open_system(name, **files)
    assert isinstance(system, System)
    assert system.name == name
    assert len(system.sha256) == 64
    copied = {key: tmp_path / path.name for key, path in files.items()}
    for key, path in files.items():
        copied[key].write_bytes(path.read_bytes())
    assert open_system(name, **copied).sha256 == system.sha256
    changed = open_system("average", **files | {"lemmas": None}) if name == "average" else None
    assert changed is None or changed.sha256 != system.sha256
    copied["text"].write_text("another text\n")
    assert (open_system(name, **copied).sha256 != system.sha256) == name.startswith("sif")
    others = {open_system(other, **files).sha256 for other in BASELINES if other not in (name, "minilm")}
    assert system.sha256 not in others


def test_files_that_a_baseline_lacks_are_named(files):
    with pytest.raises(SettingsError, match="the baseline 'maximum' needs word vectors"):
        open_system("maximum")
    with pytest.raises(SettingsError, match="the baseline 'sif' counts words in a text"):
        open_system("sif", vectors=files["vectors"])
