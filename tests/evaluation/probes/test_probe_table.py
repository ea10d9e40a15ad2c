import math

import pytest

from resay.errors import CorpusError, SettingsError
from resay.evaluation.probes import PROBES, ProbeMaterial, evaluate_probe, read_sentences
from resay.evaluation.sts import SimilarityPair
from resay.evaluation.systems.system import System

PAIRS = [
    SimilarityPair("badly made", "well made", 1.0),
    SimilarityPair("a dog", "dogs", 4.5),
    SimilarityPair("a", "b", 2.0),
]


@pytest.fixture
def texts(sentences):
    """Sentences whose first word, of twenty, stands in no more than 25 of them."""
    words = [first * 3 for first in "abcdefghijklmnopqrst"]
    return [f"{words[number % 20]} {sentence}" for number, sentence in enumerate(sentences[:500])]


@pytest.fixture
def material(texts):
    return ProbeMaterial(texts, PAIRS, lambda texts: [["it was good ."] for _ in texts], num_sentences=400)


def test_toys_are_systems(hashes):
    assert isinstance(hashes, System)


def test_the_names():
    assert list(PROBES) == ["polarity", "entities", "dimensions", "length", "word-content"]


@pytest.mark.parametrize("name", PROBES)
def test_every_probe_gives_the_same_finite_numbers_again(name, hashes, material):
    first = evaluate_probe(name, hashes, material)
    assert first
    assert all(type(key) is str and type(value) is float and math.isfinite(value) for key, value in first.items())
    assert evaluate_probe(name, hashes, material) == first


@pytest.mark.parametrize("name", ["entities", "dimensions", "length", "word-content"])
def test_the_seed_decides_what_is_drawn(name, toy, noise, texts):
    systems = [toy("hashes", noise) for _ in range(2)]
    for seed, system in enumerate(systems):
        evaluate_probe(name, system, ProbeMaterial(texts, num_sentences=400, seed=seed))
    assert systems[0].asked != systems[1].asked


def test_unknown_name(hashes, material):
    with pytest.raises(SettingsError, match=r"polarity, entities.*got 'lenght'.*did you mean 'length'"):
        evaluate_probe("lenght", hashes, material)


@pytest.mark.parametrize("name", ["dimensions", "length", "word-content"])
def test_no_text(name, hashes):
    with pytest.raises(CorpusError, match=r"this probe needs 50|the probe word-content needs two words"):
        evaluate_probe(name, hashes, ProbeMaterial())


@pytest.mark.parametrize("name", ["polarity", "entities"])
def test_probes_that_need_no_text(name, hashes):
    measured = evaluate_probe(name, hashes, ProbeMaterial())
    assert not any(key.startswith("paraphrase") for key in measured)


def test_sentences_of_a_file_stand_once(tmp_path):
    (tmp_path / "text.txt").write_text("One line .\nanother\n\nONE  line .\nanother\nlast\n")
    assert read_sentences(tmp_path / "text.txt") == ["One line .", "another", "last"]


def test_draw_takes_so_many():
    material = ProbeMaterial([str(number) for number in range(9)], num_sentences=4)
    assert len(set(material.draw(1))) == 4
    assert len(ProbeMaterial(material.sentences, num_sentences=40).draw(9)) == 9
    with pytest.raises(CorpusError, match=r"needs 10 different sentences.*got 9"):
        material.draw(10)
