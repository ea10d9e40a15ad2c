"""Soft label loss: cross-entropy against a target spread over the words nearest to it."""

from collections.abc import Sequence
from functools import partial
from os import PathLike

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from resay.errors import SettingsError
from resay.losses.checks import as_word_mask, as_word_pairs, as_word_vectors, check_number
from resay.losses.chunks import Scratch
from resay.losses.doors import Rules, dense_loss, fused_loss
from resay.losses.reduction import Reduction, check_reduction
from resay.losses.soft_targets import NegativeNeighbours, soft_targets
from resay.losses.terms import sparse_terms


def soft_label_terms(
    logits: Float[Tensor, "C V"],
    targets: Int[Tensor, " C"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
    *,
    neighbour_ids: Int[Tensor, "V N"],
    neighbour_weights: Float[Tensor, "V N"],
    eps: float,
) -> Float[Tensor, " C"]:
    """−Σ_n w_n log(p_n + eps) of each token; see ``terms`` for what becomes of ``logits``."""
    ids = neighbour_ids[targets].long()
    weights = neighbour_weights[targets].to(logits.dtype)
    return sparse_terms(logits, ids, weights, token_weights, eps=eps)


class SoftLabelLoss(nn.Module):
    """Cross-entropy against soft targets: the target word and its N − 1 nearest words, by similarity.

    loss = −Σ_{i ∈ top N(y)} w_yi log p_i        ∂loss/∂z_i = p_i Σ_n w_yn − w_yi        (equation 4)
    w_yi = s_yi / Σ_{j ∈ top N(y)} s_yj                                                  (equation 5)

    s is the cosine of word vectors. Computed as ``Σw · lse(z) − Σ_n w_n z_n``, at the cost of cross-entropy.
    Memory: 8·V·N bytes of tables, whatever the number of tokens.

    What the equations leave open:
        * The word itself is always its own first neighbour, also among equal vectors.
        * Words with a zero vector, or in ``no_vector_ids``, have one-hot targets and are nobody's neighbours.
        * Stop words have one-hot targets and may be neighbours.
        * Negative similarities count as 0, unless ``negatives="keep"``.
        * A row whose weights sum to less than 1e-6 is one-hot if ``normalize``.
        * N > V means N = V. N = 1 is cross-entropy.
        * Un-normalised N = V with ``negatives="keep"`` is the weighted cross-entropy; normalised it is not.

    Args:
        word_vectors: [V, E], the vocabulary's order. Not trained; copied.
        num_neighbours: N; 3 to 10 in the paper.
        stop_ids: Words with one-hot targets, as ids or as a mask [V].
        normalize: Whether each target's weights sum to 1.
        ignore_index: Target of tokens that count for nothing, such as padding.
        no_vector_ids: Words whose vectors mean nothing (random, special tokens), as ids or as a mask [V].
        temperature: Weights exp((s − 1) / temperature) in place of s; at 0.1 the word itself keeps most.
        eps: The published code computes log(p + 1e-5); 0 is the paper's formula.
        negatives: ``clamp`` or ``keep``.
        reduction: ``mean`` over counted tokens (0 if there are none, gradients too), ``sum``, or ``none``.
        cache_dir: Folder to keep neighbour tables in: building one takes V²·E operations.
        vocab_size: V of the model, to be checked against ``word_vectors`` here and now.
        excluded_pairs: Pairs of words that are not each other's neighbours, as ids [P, 2]: antonyms, inflections
            (``resay.vectors.excluded_pairs``). The next nearest words take their places.

    Raises:
        ShapeError: ``word_vectors`` of the wrong shape, type or number of rows, or not finite.
        SettingsError: An option outside what is allowed, or ``eps=0`` with a negative weight kept: the loss
            would be unbounded below.

    Reference: Kovaleva et al. 2018 (EMNLP, D18-1525), equations 4 and 5.
    """

    neighbour_ids: Tensor
    neighbour_weights: Tensor

    def __init__(
        self,
        word_vectors: Tensor | np.ndarray,
        num_neighbours: int = 5,
        stop_ids: Tensor | np.ndarray | Sequence[int] | None = None,
        normalize: bool = True,
        ignore_index: int = -100,
        *,
        no_vector_ids: Tensor | np.ndarray | Sequence[int] | None = None,
        temperature: float | None = None,
        eps: float = 0.0,
        negatives: NegativeNeighbours = "clamp",
        reduction: Reduction = "mean",
        cache_dir: str | PathLike[str] | None = None,
        vocab_size: int | None = None,
        excluded_pairs: Tensor | np.ndarray | Sequence[Sequence[int]] | None = None,
    ) -> None:
        super().__init__()
        check_reduction(reduction)
        check_number("eps", eps, at_least=0.0)
        vectors = as_word_vectors(word_vectors, vocab_size)
        ids, weights = soft_targets(
            vectors,
            num_neighbours,
            one_hot=as_word_mask(stop_ids, len(vectors), "stop_ids"),
            no_vector=as_word_mask(no_vector_ids, len(vectors), "no_vector_ids"),
            normalize=normalize,
            temperature=temperature,
            negatives=negatives,
            cache_dir=cache_dir,
            excluded=as_word_pairs(excluded_pairs, len(vectors), "excluded_pairs"),
        )
        if eps == 0.0 and bool((weights < 0).any()):
            word = int(torch.nonzero((weights < 0).any(-1))[0])
            raise SettingsError(
                f"the soft target of word {word} has a negative weight, which with eps=0 leaves the loss "
                "without a lower bound: leave negatives at 'clamp', or set a temperature, "
                "or eps (1e-5 as published)"
            )
        self.register_buffer("neighbour_ids", ids, persistent=False)
        self.register_buffer("neighbour_weights", weights, persistent=False)
        self.ignore_index = ignore_index
        self.reduction: Reduction = reduction
        self.eps = eps

    def forward(self, logits: Float[Tensor, "*tokens V"], targets: Int[Tensor, "*tokens"]) -> Float[Tensor, "..."]:
        """Return the loss of logits, vocabulary last."""
        return dense_loss(logits, targets, self._rules())

    def fused(
        self,
        hidden: Float[Tensor, "*tokens H"],
        weight: Float[Tensor, "V H"],
        bias: Float[Tensor, " V"] | None,
        targets: Int[Tensor, "*tokens"],
    ) -> Float[Tensor, "..."]:
        """Return ``forward(hidden · weightᵀ + bias, targets)`` without ever holding those logits."""
        return fused_loss(hidden, weight, bias, targets, self._rules())

    def extra_repr(self) -> str:
        """Return the settings for ``print(loss)``."""
        vocab_size, num_neighbours = self.neighbour_ids.shape
        return (
            f"vocab_size={vocab_size}, num_neighbours={num_neighbours}, eps={self.eps:g}, "
            f"ignore_index={self.ignore_index}, reduction={self.reduction!r}"
        )

    def _rules(self) -> Rules:
        terms = partial(
            soft_label_terms,
            neighbour_ids=self.neighbour_ids,
            neighbour_weights=self.neighbour_weights,
            eps=self.eps,
        )
        return Rules(terms, self.ignore_index, self.reduction, self.neighbour_weights)
