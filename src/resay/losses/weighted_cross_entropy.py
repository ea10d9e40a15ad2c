"""Weighted cross-entropy: every word's log-probability counts by its similarity to the target."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from resay.errors import SettingsError
from resay.losses.checks import as_word_mask, as_word_vectors, check_number
from resay.losses.chunks import Scratch
from resay.losses.doors import Rules, dense_loss, fused_loss
from resay.losses.reduction import Reduction, check_reduction
from resay.losses.similarity import Negatives, WordSimilarity
from resay.losses.terms import weighted_cross_entropy_terms


def weighted_cross_entropy_chunk(
    logits: Float[Tensor, "C V"],
    targets: Int[Tensor, " C"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
    *,
    similarity: WordSimilarity,
    eps: float,
) -> Float[Tensor, " C"]:
    """−Σ_i s_i log(p_i + eps) of each token; see ``terms`` for what becomes of ``logits``."""
    rows = similarity.token_rows(targets, scratch)
    return weighted_cross_entropy_terms(logits, rows, token_weights, scratch, eps=eps)


class WeightedCrossEntropyLoss(nn.Module):
    """Cross-entropy in which every word of the vocabulary is a target, weighted by its similarity.

    loss = −Σ_i s_yi log(p_i + eps)                                                 (equation 3: eps = 0)
    ∂loss/∂z_i = p_i Σ_j a_j − a_i,   a_i = s_yi p_i / (p_i + eps)

    By the formula alone (eps = 0) the loss has no lower bound as soon as one similarity is negative: that
    word's logit falls for ever, and the loss with it. The published code computes log(p + 1e-5), which bounds
    every term, and so does the default here. Un-normalised, the loss is as large as the row sums (thousands)
    and says little of the word itself; ``normalize=True`` with a temperature gives it the scale of
    cross-entropy.

    Words with a zero vector, or listed in ``no_vector_ids``, are similar to themselves alone: as targets
    theirs is cross-entropy, for other targets they weigh nothing under any of the maps.

    Similarities are made a chunk at a time for the distinct targets of the chunk; with ``eps=0`` and a linear
    map (``affine``, or ``keep`` without negatives) a closed form needs none. Memory V·E, never V².

    Args:
        word_vectors: [V, E], the vocabulary's order. Not trained; copied. Do not centre them: half of all
            similarities would become negative.
        eps: Added to each probability. Its pull on a word fades with the vocabulary, as 1 / (1 + eps·V) at
            the uniform distribution: about 0.1 / V is a good choice above 100,000 words.
        negatives: ``keep`` similarities as they are (the paper), ``clamp`` at 0, or ``affine``: (1 + s) / 2.
        normalize: Divide each row by its sum; a row whose sum is below 1e-6 becomes one-hot.
        temperature: Weights exp((s − 1) / temperature) in place of s, positive whatever ``negatives`` says.
        ignore_index: Target of tokens that count for nothing, such as padding.
        no_vector_ids: Words whose vectors mean nothing (random, special tokens), as ids or as a mask [V].
        reduction: ``mean`` over counted tokens (0 if there are none, gradients too), ``sum``, or ``none``.
        vocab_size: V of the model, to be checked against ``word_vectors`` here and now.

    Raises:
        ShapeError: ``word_vectors`` of the wrong shape, type or number of rows, or not finite.
        SettingsError: An option outside what is allowed, or ``eps=0`` while a negative similarity is kept.

    Reference: Kovaleva et al. 2018 (EMNLP, D18-1525), equation 3.
    """

    def __init__(
        self,
        word_vectors: Tensor | np.ndarray,
        eps: float = 1e-5,
        negatives: Negatives = "keep",
        normalize: bool = False,
        temperature: float | None = None,
        ignore_index: int = -100,
        *,
        no_vector_ids: Tensor | np.ndarray | Sequence[int] | None = None,
        reduction: Reduction = "mean",
        vocab_size: int | None = None,
    ) -> None:
        super().__init__()
        check_reduction(reduction)
        check_number("eps", eps, at_least=0.0)
        vectors = as_word_vectors(word_vectors, vocab_size)
        self.similarity = WordSimilarity(
            vectors,
            as_word_mask(no_vector_ids, len(vectors), "no_vector_ids"),
            negatives=negatives,
            temperature=temperature,
            normalize=normalize,
        )
        self.eps = eps
        self.ignore_index = ignore_index
        self.reduction: Reduction = reduction
        if eps == 0.0:
            _refuse_negatives(self.similarity)

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
        similarity = self.similarity
        return (
            f"vocab_size={len(similarity.factor)}, eps={self.eps:g}, negatives={similarity.negatives!r}, "
            f"normalize={similarity.normalize}, temperature={similarity.temperature}, "
            f"ignore_index={self.ignore_index}, reduction={self.reduction!r}"
        )

    def _rules(self) -> Rules:
        similarity = self.similarity
        terms = partial(weighted_cross_entropy_chunk, similarity=similarity, eps=self.eps)
        return Rules(
            terms,
            self.ignore_index,
            self.reduction,
            similarity.row_scale,
            group_by_target=True,
            low_rank=similarity.low_rank() if self.eps == 0.0 else None,
        )


def _refuse_negatives(similarity: WordSimilarity) -> None:
    """Raise SettingsError if a similarity is negative: without eps the loss would have no lower bound."""
    pair = similarity.negative_pair()
    if pair is not None:
        word, other, value = pair
        raise SettingsError(
            f"words {word} and {other} have similarity {value:.3g}, and with eps=0 a negative one leaves the "
            "loss without a lower bound: set eps (1e-5 as published), or negatives='clamp' or 'affine', "
            "or a temperature"
        )
