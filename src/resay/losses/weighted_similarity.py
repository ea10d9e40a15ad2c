"""Weighted similarity loss: minus the expected similarity of the predicted word to the target."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from resay.losses.checks import as_word_mask, as_word_vectors, check_number
from resay.losses.chunks import Scratch
from resay.losses.doors import Rules, dense_loss, fused_loss
from resay.losses.reduction import Reduction, check_reduction
from resay.losses.similarity import WordSimilarity
from resay.losses.terms import weighted_similarity_terms


def weighted_similarity_chunk(
    logits: Float[Tensor, "C V"],
    targets: Int[Tensor, " C"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
    *,
    similarity: WordSimilarity,
    ce_mix: float,
) -> Float[Tensor, " C"]:
    """−Σ_i s_i p_i − ce_mix · log p_y of each token; see ``terms`` for what becomes of ``logits``."""
    rows = similarity.token_rows(targets, scratch)
    return weighted_similarity_terms(logits, rows, targets, token_weights, scratch, ce_mix=ce_mix)


class WeightedSimilarityLoss(nn.Module):
    """Minus the expected similarity between the predicted word and the target word.

    loss = −Σ_i s_yi p_i − ce_mix · log p_y                                       (equation 2: ce_mix = 0)
    ∂loss/∂z_i = p_i (s̄ − s_yi) + ce_mix (p_i − [i = y]),   s̄ = Σ_i s_yi p_i

    s is the cosine of word vectors, so the loss lies in [−1, 1] when ``ce_mix`` is 0. It is linear in p, and
    its gradient vanishes wherever p is one-hot, right or wrong: trained from scratch, the formula alone
    collapses to one output word. ``ce_mix=0.1`` is the remedy; the default is the paper's formula.

    Words with a zero vector, or listed in ``no_vector_ids``, are similar to themselves alone: as targets
    their loss is −p_y, for other targets they weigh nothing.

    Similarities are made a chunk at a time for the distinct targets of the chunk: memory V·E, never V².

    Args:
        word_vectors: [V, E], the vocabulary's order. Not trained; copied.
        ce_mix: Weight of the cross-entropy added; at least 0.
        ignore_index: Target of tokens that count for nothing, such as padding.
        no_vector_ids: Words whose vectors mean nothing (random, special tokens), as ids or as a mask [V].
        reduction: ``mean`` over counted tokens (0 if there are none, gradients too), ``sum``, or ``none``.
        vocab_size: V of the model, to be checked against ``word_vectors`` here and now.

    Raises:
        ShapeError: ``word_vectors`` of the wrong shape, type or number of rows, or not finite.
        SettingsError: An option outside what is allowed.

    Reference: Kovaleva et al. 2018 (EMNLP, D18-1525), equation 2.
    """

    def __init__(
        self,
        word_vectors: Tensor | np.ndarray,
        ce_mix: float = 0.0,
        ignore_index: int = -100,
        *,
        no_vector_ids: Tensor | np.ndarray | Sequence[int] | None = None,
        reduction: Reduction = "mean",
        vocab_size: int | None = None,
    ) -> None:
        super().__init__()
        check_reduction(reduction)
        check_number("ce_mix", ce_mix, at_least=0.0)
        vectors = as_word_vectors(word_vectors, vocab_size)
        self.similarity = WordSimilarity(vectors, as_word_mask(no_vector_ids, len(vectors), "no_vector_ids"))
        self.ce_mix = ce_mix
        self.ignore_index = ignore_index
        self.reduction: Reduction = reduction

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
        return (
            f"vocab_size={len(self.similarity.factor)}, ce_mix={self.ce_mix:g}, "
            f"ignore_index={self.ignore_index}, reduction={self.reduction!r}"
        )

    def _rules(self) -> Rules:
        terms = partial(weighted_similarity_chunk, similarity=self.similarity, ce_mix=self.ce_mix)
        return Rules(terms, self.ignore_index, self.reduction, self.similarity.row_scale, group_by_target=True)
