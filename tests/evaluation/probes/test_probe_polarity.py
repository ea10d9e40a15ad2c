import numpy as np
import pytest

from resay.evaluation.probes import ProbeMaterial
from resay.evaluation.probes.polarity import probe_polarity
from resay.evaluation.probes.polarity_sentences import negation_of, opposite_of, polarity_sentences

BY_TEXT = {one.text: one for one in polarity_sentences()}


def scale_and_template(one):
    vector = np.zeros(40)
    vector[one.scale], vector[20 + one.template] = 1, 1
    return vector


@pytest.fixture
def of_polarity(toy):
    """Knows what a sentence is about, and its polarity."""
    return toy("polarity", lambda text: [*scale_and_template(BY_TEXT[text]), 1.0 if BY_TEXT[text].positive else -1.0])


@pytest.fixture
def blind(toy):
    """Knows what a sentence is about."""
    return toy("blind", lambda text: scale_and_template(BY_TEXT[text]))


@pytest.fixture
def of_words(toy):
    """Knows whether a word is good, and whether the sentence has a negation, in a feature each."""

    def vector(text):
        one = BY_TEXT[text]
        return [*scale_and_template(one), 1.0 if one.praising else -1.0, 1.0 if one.negated else -1.0]

    return toy("words", vector)


def test_who_knows_polarity_has_all_right(of_polarity):
    measured = probe_polarity(of_polarity, ProbeMaterial())
    for name in ("accuracy", "accuracy_known_words", "pss", "accuracy_negation", "pss_negation"):
        assert measured[name] == 100, name
    assert measured["accuracy_negation_known_words"] == 100


def test_who_knows_none_is_at_chance(blind):
    measured = probe_polarity(blind, ProbeMaterial())
    for name in ("accuracy", "accuracy_known_words", "accuracy_negation", "accuracy_negation_known_words"):
        assert measured[name] == 50, name
    assert measured["pss"] == measured["pss_negation"] == 0
    assert measured["cosine_negated"] == measured["cosine_antonym"] == pytest.approx(1)
    assert measured["synonym_nearer_than_negated"] == measured["synonym_nearer_than_antonym"] == 0


def test_a_constant_is_at_chance(constant):
    measured = probe_polarity(constant, ProbeMaterial())
    assert measured["accuracy"] == measured["accuracy_negation"] == 50
    assert measured["cosine_unrelated"] == pytest.approx(1)


def test_a_sum_of_words_does_not_know_what_negation_does(of_words):
    """Polarity is "good" XOR "not", which no linear classifier finds in a feature each."""
    measured = probe_polarity(of_words, ProbeMaterial())
    assert measured["accuracy"] == measured["pss"] == 100
    assert measured["accuracy_negation"] <= 60
    assert measured["pss_negation"] <= 25


def test_word_counts_do_not_know_new_words(word_counts):
    measured = probe_polarity(word_counts, ProbeMaterial())
    assert measured["accuracy_known_words"] == 100
    assert measured["accuracy"] == 50
    assert measured["pss"] == 0


def test_cosines_by_hand(of_polarity):
    """Two features of 1 say what a sentence is about, a third is its polarity."""
    measured = probe_polarity(of_polarity, ProbeMaterial())
    assert measured["cosine_negated"] == pytest.approx((2 - 1) / 3)
    assert measured["cosine_antonym"] == pytest.approx((2 - 1) / 3)
    assert measured["cosine_synonym"] == pytest.approx(1)
    assert -1 / 3 <= measured["cosine_unrelated"] <= 1 / 3  # nothing in common but, half of the time, the polarity
    assert measured["synonym_nearer_than_negated"] == measured["synonym_nearer_than_antonym"] == 100


def test_a_classifier_of_one_answer_has_half_of_the_pairs_half_right(toy):
    """Right about every negated sentence and always answering yes: half accuracy, no pair right."""
    places = {one.text: place for place, one in enumerate(polarity_sentences())}
    even = toy("even", lambda text: [float(min(places[text], opposite_of(places[text])) % 2), 1.0])
    measured = probe_polarity(even, ProbeMaterial())
    assert measured["pss"] == 0
    assert negation_of(negation_of(5)) == 5


def test_paraphrases_are_measured_if_there_are_any(blind):
    measured = probe_polarity(blind, ProbeMaterial(paraphrase=lambda texts: [[text] for text in texts]))
    assert measured["paraphrase_kept"] == 100
