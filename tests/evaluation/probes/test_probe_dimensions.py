import numpy as np
import pytest

from resay.evaluation.probes import ProbeMaterial
from resay.evaluation.probes.dimensions import fit_components, parts_of, probe_dimensions
from resay.evaluation.probes.polarity_sentences import polarity_sentences
from resay.evaluation.sts import SimilarityPair

POSITIVE = {one.text: one.positive for one in polarity_sentences()}
NUM_DIMENSIONS = 12


@pytest.fixture
def with_polarity_at(toy, noise):
    """Make a system whose features have falling variances and of which one is the polarity and nothing else."""
    deviations = 3.0 ** -np.arange(NUM_DIMENSIONS)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(NUM_DIMENSIONS, NUM_DIMENSIONS)))[0]

    def make(place):
        def vector(text):
            features = noise(text, NUM_DIMENSIONS)
            if text in POSITIVE:
                features[place] = 1.0 if POSITIVE[text] else -1.0
            return 7 + (features * deviations) @ rotation

        return toy(f"polarity at {place}", vector)

    return make


@pytest.fixture
def text():
    return [f"sentence {number}" for number in range(1000)]


def test_polarity_in_the_largest_component(with_polarity_at, text):
    measured = probe_dimensions(with_polarity_at(0), ProbeMaterial(text))
    assert measured["k_1"] == measured["k_all"] == measured["top_third"] == 100
    assert measured["middle_third"] < 65
    assert measured["bottom_third"] < 65
    assert measured["enough"] == 1
    assert measured["variance_top_third"] > 99


def test_polarity_in_the_third_component(with_polarity_at, text):
    measured = probe_dimensions(with_polarity_at(2), ProbeMaterial(text))
    assert max(measured["k_1"], measured["k_2"]) < 65
    assert min(measured["k_5"], measured["k_10"]) > 98
    assert measured["enough"] == 5


def test_polarity_in_the_smallest_component(with_polarity_at, text):
    measured = probe_dimensions(with_polarity_at(NUM_DIMENSIONS - 1), ProbeMaterial(text))
    assert measured["k_10"] < 65
    assert measured["top_third"] < 65
    assert measured["bottom_third"] > 90


def test_a_constant_is_at_chance(constant, text):
    measured = probe_dimensions(constant, ProbeMaterial(text))
    assert {measured[name] for name in ("k_1", "k_2", "k_all", "top_third")} == {50}
    assert measured["variance_top_third"] == 0


def test_components_are_sorted_and_keep_distances():
    vectors = np.random.default_rng(0).normal(size=(500, 3)) * [1, 5, 2] + [4, 4, 4]
    components = fit_components(vectors)
    assert components.variances == pytest.approx([25, 4, 1], rel=0.2)
    projected = components.project(vectors)
    assert projected.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(projected[3] - projected[8]) == pytest.approx(np.linalg.norm(vectors[3] - vectors[8]))
    assert projected.var(axis=0, ddof=1) == pytest.approx(components.variances)


def test_parts():
    parts = parts_of(30)
    assert list(parts) == ["k_1", "k_2", "k_5", "k_10", "k_20", "k_all", "top_third", "middle_third", "bottom_third"]
    kept = {name: (part.start, part.stop) for name, part in parts.items()}
    assert kept["k_20"] == (0, 20)
    assert kept["k_all"] == (0, 30)
    assert [kept[name] for name in ("top_third", "middle_third", "bottom_third")] == [(0, 10), (10, 20), (20, 30)]
    assert list(parts_of(1)) == ["k_all"]
    assert list(parts_of(300))[:9] == [*(f"k_{number}" for number in (1, 2, 5, 10, 20, 50, 100, 200)), "k_all"]


def test_thirds_share_no_component():
    for number in range(3, 50):
        parts = [parts_of(number)[name] for name in ("top_third", "middle_third", "bottom_third")]
        assert [place for part in parts for place in range(number)[part]] == list(range(number))


def test_similarity_of_pairs(toy, text):
    """The grade is the cosine of the two large components; the third is the same for all."""
    generator = np.random.default_rng(3)
    angles = {f"pair {number} {side}": generator.uniform(0, np.pi) for number in range(40) for side in "ab"}

    def vector(sentence):
        angle = angles.get(sentence)
        if angle is None:
            seed = int.from_bytes(sentence.encode()[-6:])
            return [*np.random.default_rng(seed).normal(size=2), 100 + 0.01 * (seed % 2)]
        return [np.cos(angle), np.sin(angle), 100.0]

    pairs = [
        SimilarityPair(
            f"pair {number} a",
            f"pair {number} b",
            float(np.cos(angles[f"pair {number} a"] - angles[f"pair {number} b"])),
        )
        for number in range(40)
    ]
    measured = probe_dimensions(toy("angles", vector), ProbeMaterial(text, pairs))
    assert measured["sts_k_2"] > 0.99  # the mean of the text is near the origin but for the third component
    assert measured["sts_plain"] > 0.99
    assert measured["sts_k_1"] < 0.95
    assert "sts_top_third" in measured
