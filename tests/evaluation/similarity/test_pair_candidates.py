import numpy as np
import pytest

from resay.evaluation.similarity.candidates import NUM_NEIGHBOURS, SOURCES, Sentences
from resay.evaluation.similarity.spreading import bins_of, draw_evenly

pytest.importorskip("scipy")


@pytest.fixture
def sentences():
    texts = [f"the {'abcdefghijklmnopqrst'[number % 20] * 4} is here {'x' * number}" for number in range(1, 101)]
    angles = np.linspace(0, 1.5, len(texts))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return Sentences(texts, vectors, seed=0)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_as_many_pairs_of_sentences_that_there_are(name, sentences):
    pairs = SOURCES[name](sentences)
    assert pairs.shape == (NUM_NEIGHBOURS * 100, 2)
    assert pairs.min() >= 0
    assert pairs.max() < 100


def test_word_pairs_share_the_rarest_word(sentences):
    """Each word stands in five sentences, so that each sentence has four others before any that shares less."""
    pairs = SOURCES["words"](sentences).reshape(100, NUM_NEIGHBOURS, 2)
    for number, own in enumerate(pairs):
        assert (own[:, 0] == number).all()
        assert {other % 20 for other in own[:4, 1].tolist()} == {number % 20}
        assert number not in own[:, 1]


def test_judge_pairs_are_the_nearest(sentences):
    pairs = SOURCES["judge"](sentences).reshape(100, NUM_NEIGHBOURS, 2)
    assert sorted(pairs[50, :, 1].tolist()) == [45, 46, 47, 48, 49, 51, 52, 53, 54, 55]
    assert sorted(pairs[0, :, 1].tolist()) == list(range(1, 11))


def test_neighbours_of_few_sentences(sentences):
    few = Sentences(sentences.texts[:3], sentences.vectors[:3], seed=0)
    assert SOURCES["words"](few).shape == SOURCES["judge"](few).shape == (6, 2)


def test_bins():
    grades = np.array([-0.2, 0.0, 0.0999, 0.1, 0.55, 0.95, 1.0])
    assert bins_of(grades).tolist() == [0, 0, 0, 1, 5, 9, 9]


def candidates(num, seed=0):
    """Pairs of which each has sentences of its own, most of them unlike, and of sources 0, 1 and 2 by turns."""
    grades = np.random.default_rng(seed).beta(1, 4, size=num)
    return grades, np.arange(num) % 3, np.arange(2 * num).reshape(num, 2)


def test_grades_lie_evenly():
    grades, sources, sentences = candidates(20_000)
    drawn = draw_evenly(grades, sources, sentences, num_pairs=500, max_uses=3, seed=0)
    assert len(drawn) == 500
    counts = np.bincount(bins_of(grades[drawn]), minlength=10)
    available = np.bincount(bins_of(grades), minlength=10)
    scarce = available < 50
    assert scarce.any()
    assert (counts[scarce] == available[scarce]).all()
    assert np.ptp(counts[~scarce]) <= 1
    within = np.bincount(sources[drawn][bins_of(grades[drawn]) == 0], minlength=3)
    assert np.ptp(within) <= 1


def test_sentences_are_used_no_more_often_than_allowed():
    grades, sources, sentences = candidates(2000)
    shared = sentences % 60
    drawn = draw_evenly(grades, sources, shared, num_pairs=2000, max_uses=2, seed=0)
    uses = np.bincount(shared[drawn].ravel(), minlength=60)
    assert uses.max() <= 2
    assert 40 < len(drawn) <= 60


def test_draws_are_distinct_and_the_seeds_own():
    grades, sources, sentences = candidates(1000)
    draws = [draw_evenly(grades, sources, sentences, num_pairs=200, max_uses=3, seed=seed) for seed in (0, 0, 1)]
    assert len(set(draws[0].tolist())) == 200
    assert draws[0].tolist() == draws[1].tolist()
    assert draws[0].tolist() != draws[2].tolist()


def test_a_source_that_runs_dry_is_replaced():
    grades = np.full(100, 0.35)
    sources = np.where(np.arange(100) < 3, 1, 0)
    drawn = draw_evenly(grades, sources, np.arange(200).reshape(100, 2), num_pairs=20, max_uses=1, seed=0)
    assert np.bincount(sources[drawn]).tolist() == [17, 3]
