"""The table of losses by name. A new loss is one file and one row here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from torch import Tensor

from resay.errors import SettingsError, unknown_name_message
from resay.losses.cross_entropy import CrossEntropyLoss
from resay.losses.options import LossOptions
from resay.losses.soft_label import SoftLabelLoss
from resay.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from resay.losses.weighted_similarity import WeightedSimilarityLoss

Loss = CrossEntropyLoss | SoftLabelLoss | WeightedCrossEntropyLoss | WeightedSimilarityLoss
Builder = Callable[[Tensor | np.ndarray | None, LossOptions], Loss]


def _cross_entropy(word_vectors: Tensor | np.ndarray | None, options: LossOptions) -> Loss:
    return CrossEntropyLoss(ignore_index=options.ignore_index, reduction=options.reduction)


def _weighted_cross_entropy(word_vectors: Tensor | np.ndarray | None, options: LossOptions) -> Loss:
    return WeightedCrossEntropyLoss(
        _needed(word_vectors, "weighted-ce"),
        eps=1e-5 if options.eps is None else options.eps,
        negatives="keep" if options.negatives is None else options.negatives,
        normalize=bool(options.normalize),
        temperature=options.temperature,
        ignore_index=options.ignore_index,
        no_vector_ids=options.no_vector_ids,
        reduction=options.reduction,
        vocab_size=options.vocab_size,
    )


def _weighted_similarity(word_vectors: Tensor | np.ndarray | None, options: LossOptions) -> Loss:
    return WeightedSimilarityLoss(
        _needed(word_vectors, "weighted-sim"),
        ce_mix=options.ce_mix,
        ignore_index=options.ignore_index,
        no_vector_ids=options.no_vector_ids,
        reduction=options.reduction,
        vocab_size=options.vocab_size,
    )


def _soft_label(word_vectors: Tensor | np.ndarray | None, options: LossOptions) -> Loss:
    negatives = "clamp" if options.negatives is None else options.negatives
    if negatives == "affine":
        raise SettingsError("negatives of soft-label must be 'clamp' or 'keep', got 'affine'")
    return SoftLabelLoss(
        _needed(word_vectors, "soft-label"),
        options.num_neighbours,
        options.stop_ids,
        normalize=True if options.normalize is None else options.normalize,
        ignore_index=options.ignore_index,
        no_vector_ids=options.no_vector_ids,
        temperature=options.temperature,
        eps=0.0 if options.eps is None else options.eps,
        negatives=negatives,
        reduction=options.reduction,
        cache_dir=options.cache_dir,
        excluded_pairs=options.excluded_pairs,
        vocab_size=options.vocab_size,
    )


LOSSES: Mapping[str, Builder] = MappingProxyType(
    {
        "ce": _cross_entropy,
        "weighted-ce": _weighted_cross_entropy,
        "weighted-sim": _weighted_similarity,
        "soft-label": _soft_label,
    }
)


def build_loss(name: str, word_vectors: Tensor | np.ndarray | None = None, options: LossOptions | None = None) -> Loss:
    """Return the loss of that name.

    Args:
        name: A key of ``LOSSES``.
        word_vectors: [V, E]; only ``ce`` does without.
        options: Options; those of other losses are not looked at.

    Raises:
        SettingsError: A name that is not in the table, missing word vectors, or an option not allowed.
        ShapeError: Word vectors that do not fit.
    """
    if name not in LOSSES:
        raise SettingsError(unknown_name_message("loss", name, LOSSES))
    return LOSSES[name](word_vectors, LossOptions() if options is None else options)


def _needed(word_vectors: Tensor | np.ndarray | None, name: str) -> Tensor | np.ndarray:
    if word_vectors is None:
        raise SettingsError(f"loss {name} needs word_vectors [V, E], got None")
    return word_vectors
