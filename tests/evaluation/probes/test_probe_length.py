import numpy as np
import pytest

from resay.errors import CorpusError
from resay.evaluation.probes import ProbeMaterial
from resay.evaluation.probes.length import bins_of, probe_length


def test_bins_are_those_of_senteval():
    lengths = np.array([1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 25, 26, 90])
    assert bins_of(lengths).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


def test_bins_have_no_gaps():
    assert bins_of(np.array([30, 5, 30])).tolist() == [1, 0, 1]


def test_word_counts_hold_the_length(word_counts, sentences):
    measured = probe_length(word_counts, ProbeMaterial(sentences))
    assert measured["r2"] > 0.9999
    assert measured["mean_error"] < 0.02
    assert measured["accuracy"] > 98  # a bin's ends are learnt from the sentences nearest to them


def test_a_constant_is_the_majority(constant, sentences):
    measured = probe_length(constant, ProbeMaterial(sentences))
    assert measured["accuracy"] == measured["majority"]
    assert 20 < measured["majority"] < 40  # four bins of 3 to 4 lengths
    assert abs(measured["r2"]) < 0.05
    assert measured["mean_error"] > 2


def test_noise_is_near_the_majority(hashes, sentences):
    measured = probe_length(hashes, ProbeMaterial(sentences))
    assert measured["accuracy"] < measured["majority"] + 8


def test_length_alone_is_enough(toy, sentences):
    system = toy("length", lambda text: [len(text.split()), 1.0])
    measured = probe_length(system, ProbeMaterial(sentences))
    assert measured["accuracy"] > 97  # a bin's ends are two thresholds on one number
    assert measured["r2"] > 0.9999


def test_sentences_of_one_length(hashes):
    sentences = [f"number {number}" for number in range(100)]
    with pytest.raises(CorpusError, match="2 to 2 words, which is one bin"):
        probe_length(hashes, ProbeMaterial(sentences))
