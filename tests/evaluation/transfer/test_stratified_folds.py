"""Every example is held out once, and every fold has its share of each label."""

import numpy as np
import pytest

from resay.errors import CorpusError
from resay.evaluation.transfer.folds import stratified_folds

LABELS = np.array([0] * 33 + [1] * 14 + [2] * 10)


def test_each_example_is_held_out_once():
    folds = stratified_folds(LABELS, 10, seed=3)
    assert sorted(np.concatenate([fold.held_out for fold in folds]).tolist()) == list(range(len(LABELS)))
    for fold in folds:
        assert sorted([*fold.train.tolist(), *fold.held_out.tolist()]) == list(range(len(LABELS)))


def test_folds_are_of_one_size_and_have_their_share_of_each_label():
    held_out = [LABELS[fold.held_out] for fold in stratified_folds(LABELS, 10, seed=0)]
    assert {len(one) for one in held_out} == {5, 6}
    counts = np.array([np.bincount(one, minlength=3) for one in held_out])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()


def test_the_seed_decides():
    first, again, other = (
        [fold.held_out.tolist() for fold in stratified_folds(LABELS, 10, seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_too_few_examples_are_named():
    with pytest.raises(CorpusError, match="11 folds need 11 examples of every label at least; the rarest label has 10"):
        stratified_folds(LABELS, 11, seed=0)
