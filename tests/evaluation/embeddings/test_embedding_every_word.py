"""The default embedding with its choices open."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from resay.evaluation.embeddings.every_word import UNKNOWN, EveryWord
from resay.evaluation.embeddings.ladder import FULL
from resay.text.lexicon import Lexicon

TEXTS = ["The soups were great, 12 times!", "zzyzx in 3,000 rooms", "?!", "", "guitar guitar guitar zzyzx qwert"]
PLAIN = EveryWord(unknown="nothing", numbers=False, whitening=0.0, max_vectors=0)


def test_with_the_defaults_choices_it_is_the_default(ingredients):
    ours, default = FULL.table(ingredients), ingredients.default
    for mine, theirs in ((ours.vectors, default.vectors), (ours.rows, default.rows), (ours.weights, default.weights)):
        assert mine.dtype == theirs.dtype
        assert torch.equal(mine, theirs)
    assert np.array_equal(ours.embed(TEXTS), default.embed(TEXTS))
    difference = np.abs(replace(FULL, bits=32)(ingredients)(TEXTS) - default.embed(TEXTS)).max()
    assert 0 < difference < 0.05


def weighted(ingredients, build, words):
    """The average by hand, for vectors that are only turned round."""
    total = sum(ingredients.background.values())
    weights = [build.smoothing / (build.smoothing + ingredients.background.get(word, 0) / total) for word in words]
    rows = [ingredients.vectors.matrix[ingredients.vectors.index[ingredients.lemmas.get(word, word)]] for word in words]
    return np.average(rows, axis=0, weights=weights)


def test_plain_averages_are_what_one_works_out_by_hand(ingredients):
    texts = ["the soups seemed cold .", "soup , waiter"]
    embedded = PLAIN(ingredients)(texts)
    by_hand = np.stack(
        [
            weighted(ingredients, PLAIN, ["the", "soups", "seemed", "cold"]),
            weighted(ingredients, PLAIN, ["soup", "waiter"]),
        ]
    )
    np.testing.assert_allclose(embedded @ embedded.T, by_hand @ by_hand.T, rtol=1e-5)
    exact = replace(PLAIN, lemmas=False)(ingredients)(["the soups seemed cold .", "the cold"])
    np.testing.assert_allclose(exact[0], exact[1], rtol=1e-5, atol=1e-6)


def test_what_stands_for_unknown_words_and_numbers(ingredients):
    def cosine(build, first, second):
        one, other = build(ingredients)([f"soup {first}", f"soup {second}"])
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    whole, both = replace(PLAIN, unknown="whole"), replace(PLAIN, unknown="whole and beginning")
    assert cosine(PLAIN, "zzyzx", "zzyzxian") == pytest.approx(1)
    assert cosine(whole, "zzyzx", "zzyzxian") < cosine(both, "zzyzx", "zzyzxian") < 0.999
    assert cosine(both, "1,200", "77") == pytest.approx(1)
    assert cosine(replace(both, numbers=True), "1,200", "77") < 0.99
    assert cosine(replace(both, numbers=True), "1,200", "1200") == pytest.approx(1)
    tables = [build.table(ingredients) for build in (whole, both)]
    lengths = [float((one.weights[-1] * one.vectors[-1]).norm()) for one in tables]
    assert lengths[0] == pytest.approx(lengths[1] * 2**0.5)


def test_ids_of_wholes_and_beginnings_are_told_apart():
    lexicon = Lexicon(("a", "b"), 10)
    ids = (0, 5, 6, 7, 3, 1, 9, 9)
    assert list(UNKNOWN["nothing"].keep(lexicon, ids)) == [0, 1]
    assert list(UNKNOWN["whole"].keep(lexicon, ids)) == [0, 5, 7, 1, 9]
    assert tuple(UNKNOWN["whole and beginning"].keep(lexicon, ids)) == ids


def test_a_text_of_no_known_word_is_zero_and_the_order_of_texts_is_kept(ingredients):
    vectors = PLAIN(ingredients)(["zzyzx", "soup", "", "the soup was good", "soup"])
    assert not vectors[0].any()
    assert not vectors[2].any()
    np.testing.assert_array_equal(vectors[1], vectors[4])
    assert vectors[3].any()


def test_few_vectors_keep_the_frequent_words(ingredients):
    few = replace(PLAIN, max_vectors=2).table(ingredients)
    assert len(few.vectors) == 2 + 2048
    assert len(PLAIN.table(ingredients).vectors) == len(ingredients.vectors) + 2048
    by_corpus = replace(PLAIN, by_corpus=True).table(ingredients)
    assert not torch.equal(by_corpus.weights, PLAIN.table(ingredients).weights)
