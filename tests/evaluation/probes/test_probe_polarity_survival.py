import math

import pytest

from resay.evaluation.probes.polarity_rule import _sides, judge_polarity
from resay.evaluation.probes.polarity_sentences import polarity_sentences
from resay.evaluation.probes.polarity_survival import measure_survival, sentences_to_paraphrase


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The food was good.", True),
        ("the food was not good .", False),
        ("It wasn't bad!", True),
        ("nobody found it tasty", False),
        ("i never said it was not tasty .", True),
        ("not cheap , but good .", True),
        ("the soup was not cold and the bread was fresh .", True),
        ("the soup was delicious but the waiter was rude .", None),
        ("the soup was served in a bowl .", None),
        ("", None),
        ("good and great , not bad", True),
        ("i can't recommend it .", False),
    ],
)
def test_the_rule_by_hand(text, verdict):
    assert judge_polarity(text) is verdict


def test_the_rule_is_right_about_all_sentences_of_the_probe():
    wrong = [one.text for one in polarity_sentences() if judge_polarity(one.text) != one.positive]
    assert wrong == []


def test_the_lists_share_no_word():
    assert len(_sides()) > 300
    assert {True, False} == set(_sides().values())
    assert _sides()["good"] is True
    assert _sides()["bad"] is False


def test_sentences_are_balanced():
    sentences = sentences_to_paraphrase()
    assert len(sentences) == len({one.text for one in sentences}) == 160
    assert sum(one.negated for one in sentences) == sum(one.positive for one in sentences) == 80
    assert len({one.template for one in sentences}) == 16
    assert len({one.scale for one in sentences}) == 20


def test_copies_keep_polarity():
    measured = measure_survival(lambda texts: [[text, text] for text in texts])
    assert measured == {
        "paraphrase_kept": 100,
        "paraphrase_kept_affirmed": 100,
        "paraphrase_kept_negated": 100,
        "paraphrase_unjudged": 0,
        "paraphrase_without": 0,
    }


def test_dropped_negations_are_seen():
    negations = {"n't", "not", "never", "nobody", "cannot"}

    def affirm(texts):
        return [[" ".join(word for word in text.split() if word not in negations)] for text in texts]

    measured = measure_survival(affirm)
    assert measured["paraphrase_kept"] == 50
    assert measured["paraphrase_kept_affirmed"] == 100
    assert measured["paraphrase_kept_negated"] == 0


def test_what_cannot_be_judged_does_not_count_as_kept():
    def three_kinds(texts):
        return [[text, "it was there .", "hm ."] if number % 4 else [] for number, text in enumerate(texts)]

    measured = measure_survival(three_kinds)
    assert measured["paraphrase_kept"] == 100
    assert measured["paraphrase_unjudged"] == pytest.approx(200 / 3)
    assert measured["paraphrase_without"] == 25


def test_nothing_to_judge():
    measured = measure_survival(lambda texts: [[] for _ in texts])
    assert measured["paraphrase_without"] == 100
    assert math.isnan(measured["paraphrase_kept"])
    assert math.isnan(measured["paraphrase_unjudged"])
