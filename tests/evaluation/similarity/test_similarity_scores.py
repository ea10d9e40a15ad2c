import math

import numpy as np
import pytest

from resay.evaluation.similarity import GradedPairs, compare_similarity, evaluate_similarity, evaluate_sources
from resay.evaluation.similarity.cosines import row_cosines
from resay.evaluation.similarity.scores import pair_cosines

stats = pytest.importorskip("scipy.stats")

NUM_PAIRS = 200


@pytest.fixture
def pairs():
    """Grades are cosines of angles that the sentences name; every first sentence names 0."""
    angles = np.random.default_rng(0).uniform(0, math.pi / 2, size=NUM_PAIRS)
    return GradedPairs(
        sentences=tuple(("angle 0", f"angle {angle:.6f}") for angle in angles),
        lines=np.stack([np.zeros(NUM_PAIRS, np.int64), 1 + np.arange(NUM_PAIRS)], axis=1),
        grades=np.cos(angles),
        sources=tuple("random" if number % 2 else "words" for number in range(NUM_PAIRS)),
        text_sha256="a" * 64,
        judge="angles",
        seed=0,
    )


def make_embed(change):
    """Turn sentences by a function of their angle."""

    def embed(texts):
        angles = np.array([change(float(text.split()[1])) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    return embed


def noisy(deviation, seed=1):
    def change(angle):
        noise = np.random.default_rng([seed, round(angle * 1e6)]).normal()
        return angle + deviation * noise if angle else 0.0

    return make_embed(change)


exact = make_embed(lambda angle: angle)
cubed = make_embed(lambda angle: angle**3 / 4)


def constant(texts):
    return np.full((len(texts), 3), 0.7, dtype=np.float32)


def test_the_judge_itself_has_one(pairs):
    measured = evaluate_similarity(pairs, exact)
    assert measured == pytest.approx(dict.fromkeys(measured, 1.0), abs=1e-6)
    assert set(measured) == {f"cosine_{name}{end}" for name in ("pearson", "spearman") for end in ("", "_low", "_high")}


def test_order_alone_is_what_spearman_sees(pairs):
    measured = evaluate_similarity(pairs, cubed)
    assert measured["cosine_spearman"] == pytest.approx(1, abs=1e-6)
    assert measured["cosine_pearson"] < 0.95


def test_values_are_scipys(pairs):
    embed = noisy(0.4)
    cosines = pair_cosines(pairs, embed)
    measured = evaluate_similarity(pairs, embed)
    assert measured["cosine_pearson"] == pytest.approx(stats.pearsonr(cosines, pairs.grades).statistic)
    assert measured["cosine_spearman"] == pytest.approx(stats.spearmanr(cosines, pairs.grades).statistic)


def test_intervals_are_about_those_of_theory(pairs):
    """Fisher's: the arctangent of a correlation has a standard deviation of 1 / sqrt(n − 3)."""
    measured = evaluate_similarity(pairs, noisy(0.4))
    centre = math.atanh(measured["cosine_pearson"])
    low, high = (math.tanh(centre + sign * 1.96 / math.sqrt(NUM_PAIRS - 3)) for sign in (-1, 1))
    assert measured["cosine_pearson_low"] == pytest.approx(low, abs=0.04)
    assert measured["cosine_pearson_high"] == pytest.approx(high, abs=0.04)
    assert measured["cosine_spearman_low"] < measured["cosine_spearman"] < measured["cosine_spearman_high"]


def test_a_constant_has_no_correlation(pairs):
    assert all(math.isnan(value) for value in evaluate_similarity(pairs, constant).values())


def test_the_same_again(pairs):
    assert evaluate_similarity(pairs, noisy(0.3)) == evaluate_similarity(pairs, noisy(0.3))
    other = evaluate_similarity(pairs, noisy(0.3), seed=1)
    assert other["cosine_pearson_low"] != evaluate_similarity(pairs, noisy(0.3))["cosine_pearson_low"]


def test_a_better_system_is_surely_better(pairs):
    measured = compare_similarity(pairs, noisy(0.1), noisy(1.0))
    apart = [evaluate_similarity(pairs, noisy(deviation))["cosine_pearson"] for deviation in (0.1, 1.0)]
    assert measured["cosine_pearson"] == pytest.approx(apart[0] - apart[1])
    assert 0 < measured["cosine_pearson_low"] < measured["cosine_pearson"] < measured["cosine_pearson_high"]
    assert measured["cosine_spearman_low"] > 0


def test_the_other_way_round_is_the_negative(pairs):
    there = compare_similarity(pairs, noisy(0.1), noisy(0.6))
    back = compare_similarity(pairs, noisy(0.6), noisy(0.1))
    assert back["cosine_pearson"] == pytest.approx(-there["cosine_pearson"])
    assert back["cosine_pearson_low"] == pytest.approx(-there["cosine_pearson_high"])


def test_equal_systems_are_not_told_apart(pairs):
    measured = compare_similarity(pairs, noisy(0.4, seed=1), noisy(0.4, seed=2))
    assert measured["cosine_pearson_low"] < 0 < measured["cosine_pearson_high"]
    assert set(compare_similarity(pairs, exact, exact).values()) == {0.0}


def test_pairing_makes_intervals_narrower(pairs):
    """A system and itself, a little worse, share their errors."""
    first, second = noisy(0.5), make_embed(lambda angle: angle)

    def nearly(texts):
        return first(texts) + np.float32(0.05) * second(texts)

    paired = compare_similarity(pairs, nearly, first)
    alone = evaluate_similarity(pairs, first)
    width = paired["cosine_pearson_high"] - paired["cosine_pearson_low"]
    assert width < 0.5 * (alone["cosine_pearson_high"] - alone["cosine_pearson_low"])


def test_sources_alone(pairs):
    def good_at_words(texts):
        good = {pair[1] for pair, source in zip(pairs.sentences, pairs.sources, strict=True) if source == "words"}
        rows = exact(texts)
        for row, text in zip(rows, texts, strict=True):
            if text not in good and text != "angle 0":
                row[:] = np.random.default_rng(len(text) + int(text[-5:])).normal(size=2)
        return rows

    measured = evaluate_sources(pairs, good_at_words)
    assert measured["words"] == pytest.approx(1, abs=1e-6)
    assert abs(measured["random"]) < 0.4


def test_a_source_of_two_pairs_has_no_correlation(pairs):
    few = GradedPairs(
        sentences=pairs.sentences[:6],
        lines=pairs.lines[:6],
        grades=pairs.grades[:6],
        sources=("words", "words", "judge", "judge", "judge", "judge"),
        text_sha256=pairs.text_sha256,
        judge="angles",
        seed=0,
    )
    measured = evaluate_sources(few, exact)
    assert math.isnan(measured["words"])
    assert measured["judge"] == pytest.approx(1, abs=1e-5)


def test_each_sentence_is_embedded_once(pairs):
    asked = []

    def embed(texts):
        asked.extend(texts)
        return exact(texts)

    evaluate_similarity(pairs, embed)
    assert len(asked) == len(set(asked)) == NUM_PAIRS + 1


def test_cosines_of_rows():
    first = np.array([[3, 4], [0, 0], [1, 0]])
    second = np.array([[6, 8], [1, 1], [0, 5]])
    assert row_cosines(first, second).tolist() == pytest.approx([1, 0, 0])
