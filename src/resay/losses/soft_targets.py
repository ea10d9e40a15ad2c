"""The soft targets of equation 5 as a table: for every word, its N nearest words and their weights.

Axes: V vocabulary, E word-vector size, N neighbours.
"""

from os import PathLike
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int64
from torch import Tensor

from resay.errors import SettingsError, unknown_name_message
from resay.losses.checks import check_number
from resay.losses.similarity import SMALLEST_ROW_SUM, unit_rows
from resay.vectors import cached_neighbours, nearest_neighbours

NegativeNeighbours = Literal["clamp", "keep"]
BLOCK_ROWS = 4096


def soft_targets(
    vectors: Float[Tensor, "V E"],
    num_neighbours: int,
    *,
    one_hot: Bool[Tensor, " V"],
    no_vector: Bool[Tensor, " V"],
    normalize: bool = True,
    temperature: float | None = None,
    negatives: NegativeNeighbours = "clamp",
    cache_dir: str | PathLike[str] | None = None,
    excluded: Int64[np.ndarray, "P 2"] | None = None,
) -> tuple[Int[Tensor, "V N"], Float[Tensor, "V N"]]:
    """Return ids and weights of each word's soft target, the word itself first.

    w_yi = f(s_yi) / Σ_{j ∈ top N} f(s_yj)        (equation 5; without the division if not ``normalize``)

    f(s) = max(s, 0), or s as it is with ``negatives="keep"``, or exp((s − 1) / temperature).

    Args:
        vectors: Word vectors, finite.
        num_neighbours: N, the word itself included; more than V means V.
        one_hot: Words with weight 1 on themselves alone (the paper's stop words); they may be neighbours.
        no_vector: The same, and nobody's neighbours. Zero vectors are treated so too.
        normalize: Whether each row's weights sum to 1. A row whose sum is below 1e-6 is one-hot instead.
        temperature: Above 0; small sharpens.
        negatives: What becomes of negative similarities (rare among the nearest words).
        cache_dir: Folder to keep the table of neighbours in, by hash of vectors and settings.
        excluded: Pairs of words that are not each other's neighbours; the next nearest take their places.

    Raises:
        SettingsError: An option outside what is allowed.
    """
    if isinstance(num_neighbours, bool) or not isinstance(num_neighbours, int) or num_neighbours < 1:
        raise SettingsError(f"num_neighbours must be a whole number of at least 1, got {num_neighbours!r}")
    if negatives not in get_args(NegativeNeighbours):
        raise SettingsError(unknown_name_message("negatives", negatives, get_args(NegativeNeighbours)))
    if temperature is not None:
        check_number("temperature", temperature, above=0.0)
    unit, has_direction = unit_rows(vectors)
    no_vector = no_vector.to(unit.device) | ~has_direction
    # The search reads float32, which the lengths of float64 vectors may overflow.
    searchable = vectors if vectors.dtype == torch.float32 else unit.float()
    num_neighbours = min(num_neighbours, len(vectors))
    ids = _neighbour_ids(searchable, num_neighbours, no_vector, cache_dir, excluded).to(unit.device)
    empty = ids == ids[:, :1]
    empty[:, 0] = False
    similarities = _similarities(unit, ids)
    if temperature is not None:
        weights = similarities.sub_(1).div_(temperature).exp_()
    else:
        weights = similarities.clamp_min_(0) if negatives == "clamp" else similarities
    weights.masked_fill_(empty, 0)
    alone = no_vector | one_hot.to(unit.device)
    if normalize:
        sums = weights.sum(-1)
        alone |= sums < SMALLEST_ROW_SUM
        weights /= sums.masked_fill(alone, 1).unsqueeze(1)
    weights.masked_fill_(alone.unsqueeze(1), 0)
    weights[:, 0].masked_fill_(alone, 1)
    return ids.int(), weights


def _neighbour_ids(
    vectors: Tensor,
    num_neighbours: int,
    no_vector: Tensor,
    cache_dir: str | PathLike[str] | None,
    excluded: np.ndarray | None,
) -> Tensor:
    """Return the ids [V, N] of each word's nearest words, itself first, and again where there are no more."""
    if num_neighbours == 1:
        return torch.arange(len(vectors)).unsqueeze(1)
    matrix = vectors.cpu().numpy()
    candidates = (~no_vector).cpu().numpy()
    if cache_dir is None:
        ids, _ = nearest_neighbours(matrix, num_neighbours, candidates=candidates, excluded=excluded)
    else:
        ids, _ = cached_neighbours(matrix, num_neighbours, cache_dir, candidates=candidates, excluded=excluded)
    return torch.from_numpy(ids)


def _similarities(unit: Tensor, ids: Tensor) -> Tensor:
    """Return each word's cosine with its listed words, in the vectors' own precision."""
    similarities = torch.empty(ids.shape, dtype=unit.dtype, device=unit.device)
    for start in range(0, len(ids), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        torch.linalg.vecdot(unit[ids[rows]], unit[rows].unsqueeze(1), out=similarities[rows])
    similarities[:, 0] = 1
    return similarities.clamp_(-1, 1)
