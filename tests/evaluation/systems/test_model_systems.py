"""Runs and what is exported from them: the same vectors, whatever the batch."""

import numpy as np
import pytest
import torch

from resay.errors import SettingsError
from resay.evaluation.systems import System, batches, open_system
from resay.fitting import load_run

TEXTS = [
    "the soup was good",
    "",
    "Waiter , the bread is COLD !",
    "soup",
    "zyx",
    "the waiter liked the soup and was good",
]


@pytest.mark.parametrize("reading", ["embedding", "latent"])
def test_a_run_reads_texts_as_its_model_does(make_run, reading):
    folder = make_run()
    system = open_system(folder, reading=reading)
    assert isinstance(system, System)
    assert system.name == f"tiny-seed1:{reading}"
    vectors = system.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()
    loaded = load_run(folder)
    for text, vector in zip(TEXTS, vectors, strict=True):
        token_ids = loaded.tokenizer.encode(text).token_ids[: loaded.max_length]
        if token_ids:
            with torch.no_grad():
                codes = loaded.model.encode(torch.tensor([token_ids]), torch.tensor([len(token_ids)]))
            np.testing.assert_allclose(vector, getattr(codes, reading)[0].numpy(), atol=1e-5)


def test_an_embedder_of_its_own_is_read(make_run):
    folder = make_run(with_lexicon=True)
    vectors = open_system(folder).embed(TEXTS)
    loaded = load_run(folder)
    for text, vector in zip(TEXTS, vectors, strict=True):
        if text:
            np.testing.assert_allclose(vector, loaded.embedding_of(loaded.tokenizer.encode(text)).numpy(), atol=1e-5)
    assert vectors.shape == (6, 4)
    assert not vectors[1].any()


@pytest.mark.parametrize("with_lexicon", [False, True])
@pytest.mark.parametrize("latent", ["none", "vae"])
def test_an_exported_folder_gives_what_its_run_gives(make_run, export, latent, with_lexicon):
    run = make_run(latent=latent, with_lexicon=with_lexicon)
    exported = export(run)
    for reading in ("embedding", "latent", *(["mean"] if latent == "vae" else [])):
        ours, theirs = open_system(run, reading=reading), open_system(exported, reading=reading)
        np.testing.assert_allclose(theirs.embed(TEXTS), ours.embed(TEXTS), atol=1e-4)
        assert theirs.name == ours.name
        assert theirs.sha256 != ours.sha256


def test_batches_change_nothing(make_run, monkeypatch):
    system = open_system(make_run(), reading="latent")
    together = system.embed(TEXTS)
    monkeypatch.setattr(batches, "MAX_TOKENS", 1)
    np.testing.assert_allclose(system.embed(TEXTS), together, atol=1e-6)
    np.testing.assert_allclose(system.embed(TEXTS[::-1]), together[::-1], atol=1e-6)
    assert system.embed([]).shape == (0, 6)


def test_readings_that_there_are_not(make_run, export):
    run = make_run(latent="vae")
    exported = export(run)
    for folder in (run, exported):
        with pytest.raises(SettingsError, match=r"a reading of .* must be one of: embedding, latent, .*; got 'bits'"):
            open_system(folder, reading="bits")
        with pytest.raises(SettingsError, match="got 'sample'"):
            open_system(folder, reading="sample")


def test_hashes_follow_weights_and_reading(make_run, export):
    first, same, other = make_run("a"), make_run("b"), make_run("c", seed=1)
    digests = [open_system(one).sha256 for one in (first, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert open_system(first, reading="latent").sha256 != digests[0]
    assert open_system(make_run("d", with_lexicon=True)).sha256 != digests[0]
    exported = [open_system(export(one)).sha256 for one in (first, same, other)]
    assert exported[0] == exported[1] != exported[2]
    assert all(len(one) == 64 for one in [*digests, *exported])


def test_names_that_are_neither_folder_nor_baseline(tmp_path):
    with pytest.raises(
        SettingsError, match=r"must be one of: average, .*; got 'averag' \(did you mean 'average'\?\); or"
    ):
        open_system("averag")
