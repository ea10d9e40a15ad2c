import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.engine.scores import novelty, score, similarity

WORDS = st.lists(st.sampled_from("abcde"), max_size=6)


class Said(NamedTuple):
    """What an encoder might say of a text."""

    embedding: np.ndarray
    latent: np.ndarray


def said(embedding, latent):
    return Said(np.array(embedding, dtype=np.float32), np.array(latent, dtype=np.float32))


def test_similarity_is_half_the_words_and_half_the_latents():
    half_right = math.sqrt(0.5)
    one = said([1, 0], [1, 0])
    assert similarity(one, said([1, 1], [1, 0])) == pytest.approx((half_right + 1) / 2)
    assert similarity(one, said([1, 0], [1, 1])) == pytest.approx((1 + half_right) / 2)
    assert similarity(one, said([-1, 0], [-1, 0])) == 0
    assert similarity(one, said([0, 0], [1, 0])) == pytest.approx(0.5)
    assert 1 - 1e-6 < similarity(said([0.1, 0.7], [1, 2]), said([0.2, 1.4], [2, 4])) <= 1


def test_latents_count_from_what_unrelated_sentences_have():
    one, other = said([1, 0], [1, 0]), said([1, 0], [1, 1])
    assert similarity(one, other, 0.5) == pytest.approx((1 + (math.sqrt(0.5) - 0.5) / 0.5) / 2)
    assert similarity(one, other, 0.8) == pytest.approx(0.5)
    assert similarity(one, one, 0.8) == pytest.approx(1)


def test_novelty_by_hand():
    # 1-grams: 2 of 3 and 3 in common, 2·2/6; 2-grams: (a b) of 2 and 2, 2·1/4.
    assert novelty(["a", "b", "c"], ["a", "b", "d"]) == pytest.approx(1 - (4 / 6 + 2 / 4) / 2)
    assert novelty(["a"], ["a"]) == 0
    assert novelty(["a"], ["b"]) == 1
    assert novelty(["a", "b"], ["b", "a"]) == pytest.approx(0.5)
    assert novelty(["a", "a"], ["a"]) == pytest.approx(1 - (2 / 3 + 0) / 2)


@given(WORDS, WORDS)
def test_novelty_is_a_fair_distance(one, other):
    assert 0 <= novelty(one, other) <= 1
    assert novelty(one, other) == pytest.approx(novelty(other, one))
    assert novelty(one, one) == 0


def test_score_by_hand():
    assert score(0.8, 0.5, math.log(0.25)) == pytest.approx(6 / (4 / 0.8 + 1 / 0.5 + 1 / 0.25))
    assert score(1.0, 1.0, 0.0) == pytest.approx(1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-50, 0))
def test_score_is_between_nothing_and_one(how_similar, how_new, log_prob):
    assert 0 <= score(how_similar, how_new, log_prob) <= 1 + 1e-9


def test_a_copy_scores_nothing():
    assert score(1.0, 0.0, 0.0) == 0
