import numpy as np
import pytest

from resay.evaluation.probes.linear import classify, majority, percent, split


def test_split_has_three_parts():
    train, validation, test = split(1000, seed=0)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(1000))
    assert (len(train), validation.sum(), len(test)) == (800, 100, 200)
    assert split(1000, seed=1)[2].tolist() != test.tolist()
    assert split(1000, seed=0)[2].tolist() == test.tolist()


def test_percent():
    assert percent(np.array([True, False, False, True])) == 50
    assert np.isnan(percent(np.array([], dtype=bool)))


def test_majority():
    assert majority(np.array([2, 2, 0]), np.array([2, 0, 0, 1])) == 25


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
def test_size_of_the_vectors_does_not_matter(standardise, factor):
    generator = np.random.default_rng(0)
    vectors = (factor * generator.normal(size=(300, 4))).astype(np.float32)
    labels = (vectors[:, 1] + vectors[:, 2] > 0).astype(np.int64)
    fitted = np.arange(200) < 150
    given = classify(vectors[:200], labels[:200], fitted, ~fitted, vectors[200:], standardise=standardise)
    assert (given == labels[200:]).mean() > 0.95


def test_the_penalty_is_chosen_by_the_validation_part():
    """A weak feature of its own is all that holds from one part to the next; a hundred others were learnt by heart."""
    generator = np.random.default_rng(0)
    labels = generator.integers(2, size=400)
    vectors = generator.normal(size=(400, 120))
    vectors[:, 0] += 1.5 * (2 * labels - 1)
    fitted = np.arange(200) < 100
    given = classify(vectors[:200], labels[:200], fitted, ~fitted, vectors[200:])
    assert (given == labels[200:]).mean() > 0.78


def test_constant_features_do_no_harm():
    vectors = np.ones((40, 3), dtype=np.float32)
    labels = np.arange(40) % 2
    fitted = np.arange(20) < 14
    given = classify(vectors[:20], labels[:20], fitted, ~fitted, vectors[20:])
    assert len(set(given.tolist())) == 1
