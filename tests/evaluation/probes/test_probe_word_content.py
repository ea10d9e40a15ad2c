import pytest

from resay.errors import CorpusError
from resay.evaluation.probes import ProbeMaterial
from resay.evaluation.probes.word_content import FEWEST, choose_targets, probe_word_content


@pytest.fixture(scope="module")
def in_turn():
    """25 sentences of each of 30 words, among words that are too frequent."""
    words = [
        first + second
        for first in ("ba", "de", "fo", "gi", "hu", "ka")
        for second in ("mel", "nor", "pus", "ral", "tin")
    ]
    frequent = ("orange", "green", "purple")
    return [
        f"the {words[number % 30]} {frequent[number % 3]} {frequent[number % 7 % 3]} of {number}"
        for number in range(750)
    ]


def test_word_counts_hold_the_words(word_counts, in_turn):
    measured = probe_word_content(word_counts, ProbeMaterial(in_turn))
    assert measured["accuracy"] == 100
    assert measured["num_words"] == 30
    assert 600 < measured["num_sentences"] <= 750


def test_a_constant_is_at_chance(constant, in_turn):
    measured = probe_word_content(constant, ProbeMaterial(in_turn))
    assert measured["accuracy"] < 6
    assert measured["majority"] < 6


def test_fewer_sentences_can_be_asked_for(word_counts, in_turn):
    measured = probe_word_content(word_counts, ProbeMaterial(in_turn, num_sentences=1200))
    assert measured["num_sentences"] == 30 * 12


def test_targets_by_hand():
    once = [f"zebra runs past {'x' * number}" for number in range(1, 13)]
    other = [f"the camel sleeps on {'y' * number}" for number in range(1, 16)]
    both = [f"zebra and camel with {'w' * number}" for number in range(1, 6)]
    rare = ["giraffe"] * (FEWEST - 1)
    numbers = ["7 of 7"] * 20
    found = choose_targets([*once, *both, *other, *rare, *numbers], 11)
    # "runs" and "past" stand beside "zebra" always, so that no sentence has only one of them.
    assert found == {}
    alone = [sentence.replace(" runs past ", " ").replace(" sleeps on ", " ") for sentence in [*once, *both, *other]]
    found = choose_targets([*alone, *rare, *numbers], 11)
    assert list(found) == ["camel", "zebra"]
    assert found["zebra"] == alone[:11]  # at most eleven, in their order, none with the other word
    assert all("zebra" not in sentence for sentence in found["camel"])


def test_too_frequent_words_tell_nothing():
    sentences = [f"often {'ab'[number % 2] * 3} {'x' * number}" for number in range(1, 101)]
    assert choose_targets(sentences, 50) == {}


def test_text_without_such_words(hashes):
    with pytest.raises(CorpusError, match="this text of 3 different sentences has 0"):
        probe_word_content(hashes, ProbeMaterial(["a b", "c d", "e f"]))
