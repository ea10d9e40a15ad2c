"""Every option of every loss in one record, for code that chooses its loss by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
from torch import Tensor

from resay.losses.reduction import Reduction
from resay.losses.similarity import Negatives

Words = Tensor | np.ndarray | Sequence[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossOptions:
    """Options of all losses. Each loss reads its own, as listed; ``None`` is the loss's default.

    Attributes:
        ignore_index: All. Target of tokens that count for nothing.
        reduction: All. ``mean``, ``sum`` or ``none``.
        vocab_size: All but ``ce``. V of the model, checked against the word vectors.
        no_vector_ids: All but ``ce``. Words whose vectors mean nothing.
        num_neighbours: ``soft-label``. N, the word itself included.
        stop_ids: ``soft-label``. Words with one-hot targets.
        normalize: ``soft-label`` (default true), ``weighted-ce`` (default false). Whether weights sum to 1.
        temperature: ``soft-label``, ``weighted-ce``. Weights exp((s − 1) / temperature) in place of s.
        eps: ``soft-label`` (default 0), ``weighted-ce`` (default 1e-5). Added to each probability.
        negatives: ``soft-label`` (default "clamp"; no "affine"), ``weighted-ce`` (default "keep").
        cache_dir: ``soft-label``. Folder for tables of neighbours.
        excluded_pairs: ``soft-label``. Pairs of words that are not each other's neighbours, as ids [P, 2].
        ce_mix: ``weighted-sim``. Weight of the cross-entropy added.
    """

    ignore_index: int = -100
    reduction: Reduction = "mean"
    vocab_size: int | None = None
    no_vector_ids: Words | None = None
    num_neighbours: int = 5
    stop_ids: Words | None = None
    normalize: bool | None = None
    temperature: float | None = None
    eps: float | None = None
    negatives: Negatives | None = None
    cache_dir: str | PathLike[str] | None = None
    excluded_pairs: Tensor | np.ndarray | Sequence[Sequence[int]] | None = None
    ce_mix: float = 0.0
