"""What is searched on what: no protocol shows a classifier the examples that it is measured on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from resay.evaluation.transfer.classifiers import CLASSIFIERS
from resay.evaluation.transfer.linear import LabelledFeatures, LinearClassifier
from resay.evaluation.transfer.protocols import inner_k_fold, k_fold, split

GRID = (1.0, 2.0, 3.0)


@dataclass
class Watched:
    """Keeps what it was given; the features of an example are its number."""

    grids: Mapping[str, Sequence[float]] = field(
        default_factory=lambda: dict.fromkeys(("inner-k-fold", "k-fold", "split"), GRID) | {"unregularised": (9.0,)}
    )
    searches: list = field(default_factory=list)
    fits: list = field(default_factory=list)

    def search(self, examples, folds, grid, seed):
        numbers = examples.features[:, 0]
        self.searches.append([(set(numbers[one.train]), set(numbers[one.held_out])) for one in folds])
        assert tuple(grid) == GRID
        return np.array([50.001, 70.001, 70.004])  # the same at two places, so that the first of them is best

    def fit(self, train, dev, value, seed):
        self.fits.append((set(train.features[:, 0]), None if dev is None else set(dev.features[:, 0]), value))
        return LinearClassifier(np.zeros((1, 2), np.float32), np.array([0.0, 1.0], np.float32))


def numbered(first, num):
    numbers = np.arange(first, first + num, dtype=np.float32)[:, None]
    return LabelledFeatures(numbers, np.arange(num) % 2)


def test_inner_folds():
    watched = Watched()
    assert inner_k_fold(numbered(0, 200), watched, seed=0) == 50.0
    assert len(watched.searches) == len(watched.fits) == 10
    tested = [set(range(200)) - train for train, _, _ in watched.fits]
    assert sorted(number for one in tested for number in one) == list(range(200))
    for folds, (train, dev, value), held_out in zip(watched.searches, watched.fits, tested, strict=True):
        assert (len(folds), dev, value) == (10, None, 2.0)
        assert len(held_out) == 20
        for inner_train, inner_held_out in folds:
            assert inner_train | inner_held_out == train
            assert not inner_train & inner_held_out


def test_folds_of_the_training_part():
    watched = Watched()
    k_fold(numbered(0, 60), watched, seed=0)
    ((train, dev, value),) = watched.fits
    assert (train, dev, value) == (set(range(60)), None, 2.0)
    assert len(watched.searches[0]) == 10


def test_a_dev_part():
    watched = Watched()
    split(numbered(0, 60), numbered(60, 20), watched, seed=0)
    assert watched.searches == [[(set(range(60)), set(range(60, 80)))]]
    assert watched.fits == [(set(range(60)), set(range(60, 80)), 2.0)]


def test_nothing_is_searched_where_there_is_one_value():
    watched = Watched()
    split(numbered(0, 60), numbered(60, 20), watched, 0, "unregularised")
    assert (watched.searches, watched.fits[0][2]) == ([], 9.0)


def a_line(num):
    rng = np.random.default_rng(0)
    features = rng.standard_normal((num, 4)).astype(np.float32)
    return LabelledFeatures(features, (features @ [1.0, -2.0, 0.5, 0.0] + 0.3 > 0).astype(np.int64))


@pytest.mark.parametrize("name", ["lbfgs", "lbfgs-senteval"])
def test_a_line_is_found(name):
    train, dev, test = (a_line(900).take(part) for part in np.split(np.arange(900), [500, 700]))
    classifier = CLASSIFIERS[name]
    assert k_fold(train, classifier, seed=1).accuracy(test) > 95
    assert split(train, dev, classifier, seed=1).accuracy(test) > 95
    assert split(train, dev, classifier, 1, "unregularised").accuracy(test) > 95
    assert inner_k_fold(test, classifier, seed=1) > 90


def test_adam_finds_a_line_where_there_are_enough_batches_between_two_looks():
    train, dev, test = (a_line(6000).take(part) for part in np.split(np.arange(6000), [5000, 5500]))
    assert split(train, dev, CLASSIFIERS["adam"], seed=1).accuracy(test) > 95


def test_seeds_are_used():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((300, 4)).astype(np.float32)
    noisy = LabelledFeatures(features, (features[:, 0] + rng.standard_normal(300) > 0).astype(np.int64))
    lbfgs = [inner_k_fold(noisy, CLASSIFIERS["lbfgs"], seed) for seed in (0, 0, 1, 2)]
    assert lbfgs[0] == lbfgs[1]
    assert len(set(lbfgs)) > 1
    adam = [k_fold(noisy, CLASSIFIERS["adam"], seed).bias.tolist() for seed in (0, 0, 1)]
    assert adam[0] == adam[1] != adam[2]
