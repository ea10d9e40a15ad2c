"""What the baselines deliver."""

import shutil

import numpy as np
import pytest

from resay.engine import ModelFolder, SentenceEncoder
from resay.errors import CheckpointError, SettingsError
from resay.evaluation.paraphrase import BASELINES, Material, SynonymReplacement
from resay.evaluation.paraphrase.nearest import nearest_sentences
from resay.evaluation.paraphrase.wording import normal_form
from resay.text import Tokenizer


@pytest.fixture(scope="module")
def synonyms(run_folder):
    return SynonymReplacement.from_run(run_folder, 2)


@pytest.fixture(scope="module")
def encoder(model_folder):
    return SentenceEncoder.open(ModelFolder.open(model_folder))


def test_parrot_delivers_one_copy(corpus):
    assert BASELINES["parrot"](Material(num_candidates=5), ["The soup.", "x"], 0.0) == [["The soup."], ["x"]]


def test_random_sentences_are_distinct_and_seeded(corpus):
    material = Material(corpus, num_candidates=4, seed=1)
    found = BASELINES["random"](material, ["a", "b"], 0.0)
    assert all(len(set(one)) == 4 and set(one) <= set(corpus) for one in found)
    assert found[0] != found[1]
    assert found == BASELINES["random"](material, ["a", "b"], 0.0)
    assert found != BASELINES["random"](Material(corpus, num_candidates=4, seed=2), ["a", "b"], 0.0)


def test_table_is_that_of_the_soft_label_loss(synonyms, run_folder):
    near = {"good": "great", "great": "good", "bad": "good", "soup": "broth", "broth": "soup"}
    assert {word: others[0] for word, others in synonyms.near_words.items()} == near
    wider = SynonymReplacement.from_run(run_folder, 3)
    assert wider.near_words["good"] == ("great", "bad")
    assert wider.sha256 != synonyms.sha256


def test_what_the_run_excludes_is_left_out(run_folder, tmp_path):
    words = Tokenizer.from_file(run_folder / "tokenizer.json").words
    shutil.copy(run_folder / "tokenizer.json", tmp_path)
    pairs = np.array([sorted((words.index("good"), words.index("bad")))])
    with np.load(run_folder / "vectors.npz") as arrays:
        np.savez(tmp_path / "vectors.npz", excluded_pairs=pairs, **arrays)
    assert SynonymReplacement.from_run(tmp_path, 3).near_words["good"] == ("great",)


def test_near_words_take_the_places_of_content_words(synonyms):
    found = synonyms.candidates("The soup was good, 7 times.", 5, rate=0.5, seed=0)
    assert {text.lower() for text in found} == {
        "the broth was good, 7 times.",
        "the soup was great, 7 times.",
        "the broth was great, 7 times.",
    }


def test_rate_is_how_many_words_are_replaced(synonyms):
    assert synonyms.candidates("the soup was good", 1, rate=1.0, seed=0) == ["the broth was great"]
    for seed in range(10):
        (text,) = synonyms.candidates("the soup was good", 1, rate=0.0, seed=seed)
        assert len(set(normal_form(text)) - {"the", "soup", "was", "good"}) == 1


def test_same_seed_same_words_whatever_stands_beside(run_folder):
    material = Material(synonyms=SynonymReplacement.from_run(run_folder, 3), num_candidates=2, seed=4)
    alone = BASELINES["synonyms"](material, ["the soup was good ."], 0.5)
    assert BASELINES["synonyms"](material, ["bad bread", "the soup was good ."], 0.5)[1] == alone[0]


def test_without_content_words_nothing_is_delivered(synonyms):
    assert synonyms.candidates("no .", 5, rate=1.0, seed=0) == []


def test_nearest_leave_out_the_input_and_repetitions(encoder, corpus):
    corpus = [*corpus, "The soup was good!", "the broth was great"]
    (found,) = nearest_sentences(encoder, ["the soup was good ."], corpus, 3)
    assert len(found) == 3
    assert len({normal_form(text) for text in found} | {normal_form("the soup was good")}) == 4


def test_nearest_are_those_of_greatest_cosine_whatever_the_parts(encoder, corpus, monkeypatch):
    source = "the good soup was bad"
    vectors = np.array([code.embedding for code in encoder.encode([source, *corpus], normalize=True)])
    expected = [corpus[place] for place in np.argsort(-(vectors[1:] @ vectors[0]))[:3]]
    assert nearest_sentences(encoder, [source], corpus, 3) == [expected]
    monkeypatch.setattr("resay.evaluation.paraphrase.nearest.CHUNK", 2)
    assert nearest_sentences(encoder, [source], corpus, 3) == [expected]


def test_what_cannot_be_encoded_is_near_to_nothing(encoder, corpus):
    assert nearest_sentences(encoder, ["  "], corpus, 2) == [[]]
    assert "" not in nearest_sentences(encoder, ["the soup"], ["", *corpus], 9)[0]


def test_missing_material_is_said(corpus, tmp_path):
    with pytest.raises(SettingsError, match="'synonyms' needs a run folder"):
        BASELINES["synonyms"](Material(corpus), ["a"], 0.5)
    with pytest.raises(SettingsError, match="'nearest' needs a model"):
        BASELINES["nearest"](Material(corpus), ["a"], 0.0)
    with pytest.raises(SettingsError, match="has 2 distinct sentences; 5 are needed"):
        BASELINES["random"](Material(["a", "b"]), ["a"], 0.0)
    with pytest.raises(CheckpointError, match=r"vectors.npz cannot be read .*; name a run folder"):
        SynonymReplacement.from_run(tmp_path, 5)
