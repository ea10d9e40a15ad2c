"""What else can be made of the default embedding without training: parts of it, and things joined to it.

Axes: B sentences, T words, D components of the default, K of the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from numpy import ndarray
from torch import Tensor

from resay.evaluation.embeddings.every_word import EveryWord
from resay.evaluation.embeddings.id_table import Embed
from resay.evaluation.embeddings.ingredients import Ingredients
from resay.evaluation.similarity.cosines import unit_rows


def joined(first: Embed, second: Embed, weight: float) -> Embed:
    """Return [u, weight · v] for the directions u and v that two embeddings give a text.

    The cosine of two such vectors is the average of both cosines, weighted 1 to weight².
    """

    def embed(texts: Sequence[str]) -> Float32[ndarray, "B K"]:
        parts = [unit_rows(first(texts)), weight * unit_rows(second(texts))]
        both: Float32[ndarray, "B K"] = np.concatenate(parts, axis=1).astype(np.float32)
        return both

    return embed


@dataclass(frozen=True, slots=True)
class FirstDimensions:
    """The default's first components, those of the largest variances."""

    size: int

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        return lambda texts: ingredients.default.embed(texts)[:, : self.size]


@dataclass(frozen=True, slots=True)
class UnitLength:
    """e / |e|, which no cosine changes, but classifiers do; joined embeddings are made of such parts."""

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        return lambda texts: unit_rows(ingredients.default.embed(texts)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """sign(x) √|x| of every component x of the default."""

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""

        def embed(texts: Sequence[str]) -> Float32[ndarray, "B D"]:
            vectors = ingredients.default.embed(texts)
            roots: Float32[ndarray, "B D"] = np.sign(vectors) * np.sqrt(np.abs(vectors))
            return roots

        return embed


@dataclass(frozen=True, slots=True)
class ComponentsRemoved:
    """e − Σ_k u_k u_kᵀ e, u the first principal directions of the training sentences' embeddings (Arora et al. 2017).

    Attributes:
        num_components: How many directions.
        of: The embedding; None: the default.
    """

    num_components: int
    of: EveryWord | None = None

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        inner = ingredients.default.embed if self.of is None else self.of(ingredients)
        directions = _principal_directions(unit_rows(inner(ingredients.sentences)), self.num_components)

        def embed(texts: Sequence[str]) -> Float32[ndarray, "B D"]:
            vectors = inner(texts)
            left: Float32[ndarray, "B D"] = vectors - (vectors @ directions @ directions.T).astype(np.float32)
            return left

        return embed


def _principal_directions(vectors: Float64[ndarray, "N D"], num_directions: int) -> Float64[ndarray, "D K"]:
    """Return the directions of the largest second moments, which are not centred, the largest first."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    return directions[:, ::-1][:, :num_directions]


@dataclass(frozen=True, slots=True)
class ExtremesJoined:
    """The default joined with each component's largest and smallest value among a text's weighted vectors.

    Attributes:
        weight: Of these; None: they stand alone.
    """

    weight: float | None

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        table = ingredients.default

        def extremes(texts: Sequence[str]) -> Float32[ndarray, "B K"]:
            return table.pool(texts, pool_extremes, 2 * table.size)

        return extremes if self.weight is None else joined(table.embed, extremes, self.weight)


def pool_extremes(
    vectors: Float[Tensor, "B T D"], weights: Float[Tensor, "B T"], lengths: Int64[Tensor, " B"]
) -> Float[Tensor, "B K"]:
    """Return max_t w_t v_t and min_t w_t v_t, K = 2 D, of texts that have an id."""
    padding = torch.arange(weights.shape[1]) >= lengths.unsqueeze(1)
    weighted = vectors * weights.unsqueeze(2)
    ends = [sign * (sign * weighted).masked_fill(padding.unsqueeze(2), -torch.inf).amax(1) for sign in (1, -1)]
    return torch.cat(ends, dim=1)
