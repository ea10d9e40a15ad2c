"""Measures of candidates on cases worked out by hand."""

import builtins
import math

import numpy as np
import pytest

from resay.errors import MissingExtraError
from resay.evaluation.paraphrase import MEASURES, bleu, measure, measure_set, summarize
from resay.evaluation.paraphrase.bleu import self_bleu, sentence_bleu
from resay.evaluation.paraphrase.flips import antonym_introduced, negation_changed
from resay.evaluation.paraphrase.judge import judge_sets
from resay.evaluation.paraphrase.measures import bert_ibleu, distinct_ngrams, ibleu
from resay.evaluation.paraphrase.wording import normal_form, numbers_of

pytest.importorskip("sacrebleu")


def test_normal_form_drops_case_spacing_and_punctuation():
    assert normal_form("The soup's  GOOD !") == normal_form("the soup 's good.") == ("the", "soup", "'s", "good")
    assert normal_form("!?") == ("!", "?")
    assert normal_form("good soup") != normal_form("soup good")


def test_numbers_are_compared_digit_for_digit():
    assert numbers_of("at 5 or 5, for $ 12.50, at 10:30; _num_") == {"5": 2, "12.50": 1, "10:30": 1, "_num_": 1}
    assert numbers_of("12.50") != numbers_of("12.5")
    assert not numbers_of("no figure")


def test_bleu_of_copy_stranger_and_half():
    words = ["the", "soup", "was", "good", "."]
    assert sentence_bleu(words, [words]) == 1
    assert sentence_bleu(["tea"], [words]) == 0
    # 1-grams 4/5, 2-grams 2/4, 3-grams 0/3 and 4-grams 0/2 smoothed to 1/(2·3) and 1/(4·2)
    expected = (4 / 5 * 2 / 4 * 1 / 6 * 1 / 8) ** 0.25
    assert sentence_bleu(["the", "soup", "is", "good", "."], [words]) == pytest.approx(expected)


def test_short_sentences_are_measured_with_the_ngrams_they_have():
    assert sentence_bleu(["good", "soup"], [["good", "soup"]]) == 1


def test_self_bleu_is_of_each_against_all_others():
    one, other = ["good", "soup"], ["bad", "tea"]
    assert math.isnan(self_bleu([one]))
    assert self_bleu([one, one]) == 1
    assert self_bleu([one, other]) == 0
    assert self_bleu([one, one, other]) == pytest.approx(2 / 3)


def test_distinct_bigrams_are_counted_over_the_set():
    assert distinct_ngrams([["a", "b", "c"], ["a", "b", "d"]], 2) == 3 / 4
    assert math.isnan(distinct_ngrams([["a"]], 2))


def test_both_forms_of_ibleu():
    assert ibleu(0.9, 0.5) == pytest.approx(0.7 * 0.9 - 0.3 * 0.5)
    assert bert_ibleu(0.8, 0.5) == pytest.approx(5 / (4 / 0.8 + 1 / 0.5))
    assert bert_ibleu(1.0, 1.0) == 0  # a copy
    assert bert_ibleu(-0.1, 0.2) == 0


@pytest.mark.parametrize(
    ("source", "candidate", "changed"),
    [
        ("it was good", "it was not good", True),
        ("it was n't good", "it was not good", False),
        ("never cold and not late", "never cold and late", True),
        ("neither hot nor fresh", "not hot or fresh", False),
        ("knot and nothingness", "another", False),
    ],
)
def test_negation(source, candidate, changed):
    assert negation_changed(source.split(), candidate.split()) is changed


@pytest.mark.parametrize(
    ("source", "candidate", "introduced"),
    [
        ("the soup was good", "the soup was bad", True),
        ("good and bad soup", "bad soup", False),  # "bad" is not new
        ("the good soup", "the good and bad soup", False),  # "good" is still there
        ("the soup was good", "the soup was cold", False),
    ],
)
def test_antonyms(source, candidate, introduced, opposites):
    assert antonym_introduced(source.split(), candidate.split(), opposites) is introduced


def test_measures_of_one_set(opposites):
    source = "The soup was good at 5."
    candidates = ["the soup was good at 5", "the soup was bad at 5.", "not <unk> at 6."]
    found = measure_set(source, candidates, [1.0, 0.8, 0.3], 5, opposites)
    assert tuple(found) == MEASURES
    third = pytest.approx(1 / 3)
    assert found["similarity"] == pytest.approx(0.7)
    assert found["worst_similarity"] == 0.3
    assert found["copies"] == found["unknown_words"] == found["number_errors"] == third
    assert found["negation_changed"] == found["antonym_introduced"] == third
    assert found["meaning_flips"] == pytest.approx(2 / 3)
    assert (found["num_delivered"], found["all_delivered"]) == (3, 0)
    assert measure_set(source, candidates, [1.0, 0.8, 0.3], 3, opposites)["all_delivered"] == 1


def test_novelty_is_the_engines(opposites):
    found = measure_set("a b c", ["a b d", "x y z"], [1.0, 1.0], 2, opposites)
    same = (2 * 2 / 6 + 2 * 1 / 4) / 2  # 1-grams, 2-grams
    assert found["novelty"] == pytest.approx(((1 - same) + 1) / 2)


def test_a_candidate_that_is_both_kinds_of_flip_counts_once(opposites):
    assert measure_set("it was good", ["it was not bad"], [0.5], 1, opposites)["meaning_flips"] == 1


def test_nothing_delivered_says_nothing_of_quality(opposites):
    found = measure_set("the soup", [], [], 5, opposites)
    assert {name for name, value in found.items() if not math.isnan(value)} == {"num_delivered", "all_delivered"}
    assert (found["num_delivered"], found["all_delivered"]) == (0, 0)


def test_similarities_keep_the_shape(judge):
    found = judge_sets(judge, ["a b", "c", "d"], [["a b", "x"], [], ["d d", "d e"]])
    assert [len(one) for one in found] == [2, 0, 2]
    assert found[0] == pytest.approx([1, 0], abs=1e-6)
    assert found[2] == pytest.approx([1, 0.5**0.5], abs=1e-6)
    assert judge.asked == 1
    assert judge_sets(judge, [], []) == []


def test_means_leave_out_inputs_without_candidates(judge, opposites):
    values, judged = measure(judge, ["a b c", "d"], [["a b x", "a b c"], []], num_wanted=2, are_antonyms=opposites)
    assert judged == pytest.approx([2 / 3, 1], abs=1e-6)
    assert np.isnan(values["similarity"][1])
    found = summarize(values)
    assert found["similarity"] == pytest.approx(5 / 6, abs=1e-4)
    assert (found["num_delivered"], found["all_delivered"]) == (1, 0.5)
    assert summarize({"self_bleu": np.array([np.nan])}) == {"self_bleu": None}


def test_missing_sacrebleu_is_said(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "sacrebleu":
            raise ImportError(name=name)
        return real(name, *rest)

    bleu._metric.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"resay\[evaluation\]"):
        sentence_bleu(["a"], [["a"]])
