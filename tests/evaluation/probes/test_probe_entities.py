import numpy as np
import pytest

from resay.evaluation.probes import ProbeMaterial
from resay.evaluation.probes.entities import NUM_EXCHANGES, probe_entities
from resay.evaluation.probes.entity_sentences import entity_sentences

CONTENT = entity_sentences()
NAMES = {name: place for place, name in enumerate(name for names in CONTENT.names.values() for name in names)}


def take_apart(text):
    """Return the number of the template, and of the name in it."""
    name = next(word for word in text.split() if word in NAMES)
    pattern = " ".join("{name}" if word == name else word for word in text.split())
    number = next(place for place, one in enumerate(CONTENT.templates) if pattern in (one.sentence, one.paraphrase))
    return number, NAMES[name]


def one_hot(size, place):
    return np.eye(size)[place]


@pytest.fixture
def deaf_to_names(toy):
    return toy("meaning", lambda text: one_hot(len(CONTENT.templates), take_apart(text)[0]))


@pytest.fixture
def names_alone(toy):
    return toy("names", lambda text: one_hot(len(NAMES), take_apart(text)[1]))


@pytest.fixture
def both(toy):
    """Three parts meaning, one part name."""

    def vector(text):
        template, name = take_apart(text)
        return np.concatenate([np.sqrt(3) * one_hot(len(CONTENT.templates), template), one_hot(len(NAMES), name)])

    return toy("both", vector)


def test_the_file():
    assert {template.kind for template in CONTENT.templates} == set(CONTENT.names) == {"person", "place", "dish"}
    for names in CONTENT.names.values():
        assert len(set(names)) == len(names) > NUM_EXCHANGES
    words = {word for template in CONTENT.templates for word in f"{template.sentence} {template.paraphrase}".split()}
    assert not words & set(NAMES)  # a name stands in a sentence because it was put there
    assert all(one.sentence.count("{name}") == one.paraphrase.count("{name}") == 1 for one in CONTENT.templates)


def test_who_does_not_see_names_is_stable(deaf_to_names):
    measured = probe_entities(deaf_to_names, ProbeMaterial())
    for name in ("cosine_mean", "cosine_worst", "cosine_mean_person", "cosine_mean_place", "cosine_mean_dish"):
        assert measured[name] == pytest.approx(1)
    assert measured["cosine_spread"] == pytest.approx(0)
    assert measured["cosine_different"] == pytest.approx(0)
    for name in ("nearer_than_different", "retrieval", "retrieval_original", "retrieval_worst", "retrieval_stability"):
        assert measured[name] == 100
    assert measured["names_told_apart"] == 50


def test_who_sees_nothing_else_is_not(names_alone):
    measured = probe_entities(names_alone, ProbeMaterial())
    assert measured["cosine_mean"] == pytest.approx(0)
    assert measured["cosine_different"] == pytest.approx(1)
    assert measured["nearer_than_different"] == 0
    # No paraphrase has the name that a sentence was given: all are equally far, and the first is taken.
    assert measured["retrieval"] == pytest.approx(100 / len(CONTENT.templates))
    assert measured["names_told_apart"] == 100


def test_a_mixture_by_hand(both):
    measured = probe_entities(both, ProbeMaterial())
    assert measured["cosine_mean"] == pytest.approx(0.75)
    assert measured["cosine_worst"] == pytest.approx(0.75)
    assert measured["cosine_different"] == pytest.approx(0.25)
    assert measured["nearer_than_different"] == measured["retrieval"] == measured["names_told_apart"] == 100


def test_one_odd_name_shows_in_the_worst_alone(toy):
    def vector(text):
        template, name = take_apart(text)
        return one_hot(len(CONTENT.templates), template) * (-1 if name == NAMES["seattle"] else 1)

    drawn = [probe_entities(toy("odd", vector), ProbeMaterial(seed=seed)) for seed in range(3)]
    odd = [one for one in drawn if one["cosine_worst"] < 1]
    assert odd
    for one in odd:
        assert one["cosine_mean_person"] == one["cosine_mean_dish"] == pytest.approx(1)
        assert one["cosine_mean_place"] == pytest.approx(1 - 2 / NUM_EXCHANGES) or one[
            "cosine_mean_place"
        ] == pytest.approx(-1)
        assert one["cosine_worst"] == pytest.approx(1 - 2 / 3)
        assert one["retrieval_worst"] == pytest.approx(200 / 3)


def test_a_constant(constant):
    measured = probe_entities(constant, ProbeMaterial())
    assert measured["cosine_mean"] == pytest.approx(1)
    assert measured["cosine_different"] == pytest.approx(1)
    assert measured["nearer_than_different"] == 0
    assert measured["retrieval"] == pytest.approx(100 / len(CONTENT.templates))
    assert measured["names_told_apart"] == 50
