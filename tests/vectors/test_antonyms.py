import numpy as np
import pytest

from resay.vectors import antonym_pairs, are_antonyms
from resay.vectors.antonyms import antonyms

LEMMAS = {"loved": "love", "loves": "love", "hated": "hate", "goods": "good", "stood": "stand", "sat": "sit"}


def words_of(pairs, vocabulary):
    return {(vocabulary[first], vocabulary[second]) for first, second in pairs}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("good", "bad"),  # direct
        ("rude", "polite"),  # by a synonym of "impolite"
        ("awful", "good"),  # by what "awful" is similar to
        ("pricey", "inexpensive"),  # by both
        ("clean", "dirty"),
        ("fast", "slow"),
        ("fresh", "stale"),
        ("hot", "cold"),
        ("quickly", "slowly"),
        ("love", "hate"),
        ("satisfied", "dissatisfied"),  # two similar words, of which a prefix makes opposites
        ("Cheap", "EXPENSIVE"),
    ],
)
def test_opposites(first, second):
    assert are_antonyms(first, second)
    assert are_antonyms(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("good", "good"),
        ("good", "great"),
        ("awful", "terrible"),
        ("cozy", "warm"),  # similar to opposite words, and no opposites
        ("easy", "quick"),
        ("waiter", "waitress"),
        ("good", "_num_"),
        ("", ""),
    ],
)
def test_no_opposites(first, second):
    assert not are_antonyms(first, second)
    assert not are_antonyms(second, first)


def test_forms_are_compared_by_their_base_where_one_is_given():
    assert not are_antonyms("loved", "hates")
    assert are_antonyms("loved", "hated", LEMMAS)
    assert are_antonyms("loved", "hate", LEMMAS)
    assert are_antonyms("goods", "bad", LEMMAS)
    assert not are_antonyms("loved", "loves", LEMMAS)
    # A base form says nothing against what the word itself is: "left" is of "leave", and opposite to "right".
    assert are_antonyms("left", "right", {"left": "leave"})


def test_the_list_is_symmetric_and_of_single_lower_case_words():
    listed = antonyms()
    assert len(listed) > 8000
    for word, others in listed.items():
        assert word == word.lower()
        assert " " not in word
        assert "_" not in word
        assert word not in others
        assert all(word in listed[other] for other in others)


def test_pairs_of_a_vocabulary_are_those_that_each_two_words_give():
    text = "the bad stood goods good hate awful sit loved hated LOVE love sat stand slow quick"
    vocabulary = text.split()
    lemmas = LEMMAS | {word: word for word in vocabulary if word not in LEMMAS}
    pairs = antonym_pairs(vocabulary, lemmas)
    expected = [
        (first, second)
        for second in range(len(vocabulary))
        for first in range(second)
        if are_antonyms(vocabulary[first], vocabulary[second], lemmas)
    ]
    assert len(expected) > 10
    assert pairs.tolist() == [list(pair) for pair in sorted(expected)]
    assert pairs.dtype == np.int64


def test_pairs_without_lemmas_see_through_regular_forms():
    vocabulary = ["love", "hate", "loved", "hated", "stood", "sat"]
    assert words_of(antonym_pairs(vocabulary), vocabulary) == {
        ("love", "hate"),
        ("love", "hated"),
        ("hate", "loved"),
        ("loved", "hated"),
    }


def test_a_vocabulary_without_opposites():
    assert antonym_pairs(["soup", "bread"]).shape == (0, 2)
    assert antonym_pairs([]).shape == (0, 2)
