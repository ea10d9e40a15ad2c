"""The entry latent_space of model.json: readings, and the prior of latents that nobody encoded."""

import json

import numpy as np
import pytest

from resay.corpus import prepare_corpus
from resay.graphs.export import exported_files
from resay.graphs.latent_space import NUM_DIRECTIONS, gaussian_prior, latent_space, read_sentences
from resay.graphs.run_corpora import sample_corpus
from resay.models import BOTTLENECKS
from resay.text import Tokenizer

LINES = [f"the {noun} was {adjective}" for noun in ("room", "bed", "food") for adjective in ("good", "bad", "fine .")]


@pytest.fixture
def corpora(tmp_path):
    text = tmp_path / "lines.txt"
    text.write_text("\n".join(LINES))
    prepare_corpus([text], Tokenizer.build(LINES, min_count=1), tmp_path / "train", max_length=9)
    return tmp_path


@pytest.mark.parametrize("latent", BOTTLENECKS)
def test_the_entry_is_json_and_names_the_readings(tiny_model, corpora, latent):
    model = tiny_model(latent=latent, latent_size=6)
    entry = json.loads(json.dumps(latent_space(model, corpora)))
    assert entry["readings"][0] == "latent"
    assert set(entry) == {"noise", "readings", "reads_sentence", "binary", "prior"}
    assert entry["binary"] == (latent in ("binary", "binary-vae"))
    kinds = {"vae": "normal", "none": "gaussian", "bottleneck": "gaussian"}
    expected = None if latent == "lm" else kinds.get(latent, "bernoulli")
    assert (entry["prior"] or {}).get("kind") == expected


def test_coins_trained_towards_fair_ones_are_fair(tiny_model):
    for latent in ("gumbel-vae", "binary-vae"):
        assert latent_space(tiny_model(latent=latent, latent_size=3), None)["prior"]["probabilities"] == [0.5] * 3


def test_other_coins_have_the_mean_of_each_bit(tiny_model, corpora):
    model = tiny_model(latent="binary", latent_size=8)
    bits = read_sentences(model, sample_corpus(corpora, "train", 100), "bits")
    assert 0 < bits.mean() < 1
    probabilities = latent_space(model, corpora)["prior"]["probabilities"]
    np.testing.assert_allclose(probabilities, bits.mean(axis=0), atol=1e-6)


def test_a_measured_prior_needs_the_corpus(tiny_model, tmp_path):
    for latent in ("none", "bottleneck", "gumbel", "binary"):
        assert latent_space(tiny_model(latent=latent), tmp_path)["prior"] is None
        assert latent_space(tiny_model(latent=latent), None)["prior"] is None


def test_a_damaged_corpus_leaves_the_prior_out(tiny_model, corpora):
    (corpora / "train" / "ends.bin").unlink()
    assert latent_space(tiny_model(latent="bottleneck"), corpora)["prior"] is None


def test_the_gaussian_has_the_moments_of_the_latents():
    generator = np.random.default_rng(0)
    latents = generator.standard_normal((500, 5)).astype(np.float32) @ generator.standard_normal((5, 5))
    found = gaussian_prior((latents + 3).astype(np.float32))
    factor = np.array(found["factor"])
    np.testing.assert_allclose(found["mean"], (latents + 3).mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(factor.T @ factor, np.cov(latents.T), rtol=1e-3, atol=1e-3)


def test_the_gaussian_keeps_the_main_directions():
    generator = np.random.default_rng(0)
    latents = generator.standard_normal((300, 50)).astype(np.float32) * np.linspace(5, 0.1, 50, dtype=np.float32)
    factor = np.array(gaussian_prior(latents)["factor"])
    lengths = np.linalg.norm(factor, axis=1)
    assert factor.shape == (NUM_DIRECTIONS, 50)
    assert (np.diff(lengths) <= 0).all()
    variances = np.linalg.eigvalsh(np.cov(latents.T))[::-1]
    np.testing.assert_allclose(lengths**2, variances[:NUM_DIRECTIONS], rtol=1e-3)


def test_reading_in_parts_changes_nothing(tiny_model, corpora, monkeypatch):
    model = tiny_model(latent="vae", latent_size=4)
    batch = sample_corpus(corpora, "train", 100)
    whole = read_sentences(model, batch, "mean")
    monkeypatch.setattr("resay.graphs.latent_space.ROWS_A_CALL", 2)
    np.testing.assert_allclose(read_sentences(model, batch, "mean"), whole, atol=1e-6)


def test_it_stands_in_the_card(run_folder):
    from resay.fitting.checkpoint import load_run

    files, _ = exported_files("tiny", load_run(run_folder))
    card = json.loads(files["model.json"])
    assert card["latent_space"]["readings"] == ["latent"]
    assert card["latent_space"]["prior"] is None
