"""Cutting examples into folds with equal shares of every label."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.errors import CorpusError


class Fold(NamedTuple):
    """Places of the examples to learn from, and of those held out."""

    train: Int64[ndarray, " N"]
    held_out: Int64[ndarray, " M"]


def stratified_folds(labels: Int64[ndarray, " N"], num_folds: int, seed: int) -> Sequence[Fold]:
    """Return folds whose held-out parts are drawn at random and share no example; each example is in one.

    Args:
        labels: Of the examples.
        num_folds: How many.
        seed: Decides which example goes where.

    Raises:
        CorpusError: If a label has fewer examples than there are folds.
    """
    num_each = np.bincount(labels)
    if (num_each[num_each > 0] < num_folds).any():
        rarest = int(num_each[num_each > 0].min())
        raise CorpusError(
            f"{num_folds} folds need {num_folds} examples of every label at least; the rarest label has {rarest}"
        )
    order = np.random.default_rng(seed).permutation(len(labels))
    # Shuffled, then sorted by label and dealt out in turn: every fold gets its share of each.
    dealt = order[np.argsort(labels[order], kind="stable")]
    fold_of = np.empty(len(labels), np.int64)
    fold_of[dealt] = np.arange(len(labels)) % num_folds
    return [Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(num_folds)]
