"""Cosine similarities of words, made a few rows at a time from unit vectors.

All pairs would take V² numbers. What is kept is a factor F [V, D] with ``F Fᵀ`` the similarities wanted,
and for each row a scale and a weight of the word itself:

    s_yi = scale_y · f(F_y · F_i) + self_y · [i = y]

f is the identity for the linear maps ("keep", "affine"), else max(·, 0) or exp((· − 1) / temperature).
A word without a direction (a zero vector, or one the caller marks) is similar to itself alone.

Axes: V vocabulary, E word-vector size, D columns of the factor (E, or E + 1), U some words.
"""

from collections.abc import Iterator
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from resay.errors import SettingsError, unknown_name_message
from resay.losses import devices
from resay.losses.checks import check_number
from resay.losses.chunks import Scratch
from resay.losses.low_rank import LowRank
from resay.losses.products import product_of_rows

Negatives = Literal["keep", "clamp", "affine"]

# A row that sums to less has no sensible normalised form; a row without negatives sums to 1 or more.
SMALLEST_ROW_SUM = 1e-6
# Similarities closer to zero than this may be zero but for rounding.
ROUNDING = 1e-6
BLOCK_BYTES = 64 * 2**20
BLOCK_ROWS = 4096


def unit_rows(vectors: Float[Tensor, "V E"]) -> tuple[Float[Tensor, "V E"], Bool[Tensor, " V"]]:
    """Return the rows divided by their length, zeros left zero, and which rows have a length.

    Rows are scaled by their largest entry first, so that no square overflows or vanishes.
    """
    largest = vectors.abs().amax(-1, keepdim=True)
    has_direction = largest.squeeze(1) > 0
    unit = vectors / largest.masked_fill(largest == 0, 1)
    unit /= unit.norm(dim=-1, keepdim=True).masked_fill(largest == 0, 1)
    return unit, has_direction


def _row_sums(factor: Float[Tensor, "V D"]) -> Float[Tensor, " V"]:
    """Return F·Σ_i F_i, summed in float64: these numbers multiply whole losses."""
    total = factor.sum(0, dtype=torch.float64)
    return torch.cat([(rows.double() @ total).to(factor.dtype) for rows in torch.split(factor, BLOCK_ROWS)])


class WordSimilarity(nn.Module):
    """Rows of similarities of any word to all words, mapped and normalised as a loss asks.

    Args:
        vectors: Word vectors [V, E], finite.
        no_vector: Words [V] whose vectors mean nothing: similar to themselves alone.
        negatives: ``keep``: s; ``clamp``: max(s, 0); ``affine``: (1 + s) / 2.
        temperature: exp((s − 1) / temperature) in place of all three: positive, and 1 for the word itself.
        normalize: Divide each row by its sum. A row whose sum is below 1e-6 (only "keep" has such) becomes
            one-hot.

    Attributes:
        factor: F [V, D]; rows of words without direction are 0.
        row_scale: scale [V]; 0 where the row is one-hot.
        self_weight: self [V]; 1 where the row is one-hot.
        row_sums: Σ_i s_yi [V], of a linear map; means nothing for the others.
        has_direction: [V].
    """

    factor: Tensor
    row_scale: Tensor
    self_weight: Tensor
    row_sums: Tensor
    has_direction: Tensor

    def __init__(
        self,
        vectors: Float[Tensor, "V E"],
        no_vector: Bool[Tensor, " V"],
        *,
        negatives: Negatives = "keep",
        temperature: float | None = None,
        normalize: bool = False,
    ) -> None:
        super().__init__()
        if negatives not in get_args(Negatives):
            raise SettingsError(unknown_name_message("negatives", negatives, get_args(Negatives)))
        if temperature is not None:
            check_number("temperature", temperature, above=0.0)
        self.negatives = negatives
        self.temperature = temperature
        self.normalize = normalize
        factor, has_direction = unit_rows(vectors)
        has_direction &= ~no_vector.to(has_direction.device)
        factor.masked_fill_(~has_direction.unsqueeze(1), 0)
        if negatives == "affine" and temperature is None:
            # (1 + s) / 2 is itself a product of rows: of [ê, 1] / √2.
            factor = torch.cat([factor, has_direction.to(factor.dtype).unsqueeze(1)], dim=1)
            factor *= 0.5**0.5
        self.register_buffer("factor", factor, persistent=False)
        self.register_buffer("has_direction", has_direction, persistent=False)
        row_scale = has_direction.to(factor.dtype)
        sums = _row_sums(factor)
        if normalize and self.linear:
            small = sums < SMALLEST_ROW_SUM
            row_scale = torch.where(small, 0, row_scale / sums.masked_fill(small, 1))
        self_weight = (row_scale == 0).to(factor.dtype)
        self.register_buffer("row_scale", row_scale, persistent=False)
        self.register_buffer("self_weight", self_weight, persistent=False)
        self.register_buffer("row_sums", row_scale * sums + self_weight, persistent=False)

    @property
    def linear(self) -> bool:
        """Whether ``s = scale · F Fᵀ`` outright, with nothing applied to the product."""
        return self.temperature is None and self.negatives != "clamp"

    def rows(self, words: Int[Tensor, " U"], out: Float[Tensor, "U V"]) -> Float[Tensor, "U V"]:
        """Return the similarities of some words to all words, in ``out`` or in a new matrix."""
        scale = self.row_scale[words].to(out.dtype).unsqueeze(1)
        factor = self.factor.to(out.dtype)
        own = factor[words]
        if self.linear:
            rows = product_of_rows(own * scale, factor, out)
        else:
            rows = product_of_rows(own, factor, out)
            self._map(rows)
            if self.normalize:
                scale = scale / rows.sum(-1, keepdim=True).clamp_min(SMALLEST_ROW_SUM)
            rows *= scale
        return rows.scatter_add_(1, words.unsqueeze(1), self.self_weight[words].to(out.dtype).unsqueeze(1))

    def token_rows(self, targets: Int[Tensor, " C"], scratch: Scratch) -> Float[Tensor, "C V"]:
        """Return each token's row of similarities, in matrices of ``scratch`` that the caller may overwrite.

        On a CPU a row is made once for adjacent tokens of the same target. Elsewhere finding them would make the
        host wait for the device, longer than the product takes.
        """
        similarities = scratch.matrix("similarities", len(targets))
        if devices.runs_behind(targets.device):
            return self.rows(targets, similarities)
        distinct, inverse = torch.unique_consecutive(targets, return_inverse=True)
        if len(distinct) == len(targets):
            return self.rows(targets, similarities)
        rows = self.rows(distinct, scratch.matrix("spare", len(distinct)))
        return torch.index_select(rows, 0, inverse, out=similarities)

    def low_rank(self) -> LowRank | None:
        """Return what the closed form of the weighted cross-entropy needs, or None if the map is not linear."""
        if not self.linear:
            return None
        return LowRank(self.factor, self.row_scale, self.self_weight, self.row_sums)

    def negative_pair(self) -> tuple[int, int, float] | None:
        """Return two words and their negative similarity as these rows hold it, or None if there are none."""
        if self.temperature is not None or self.negatives != "keep":
            return None
        for words in self.blocks():
            rows = self.rows(words, self.factor.new_empty(len(words), len(self.factor)))
            lowest, at = rows.min(-1)
            word = int(lowest.argmin())
            if float(lowest[word]) < -ROUNDING:
                return int(words[word]), int(at[word]), float(lowest[word])
        return None

    def blocks(self) -> Iterator[Tensor]:
        """Yield the ids of all words, as many at a time as fit a fixed number of bytes."""
        vocab_size = self.factor.shape[0]
        block = max(1, BLOCK_BYTES // (vocab_size * self.factor.dtype.itemsize))
        yield from torch.split(torch.arange(vocab_size, device=self.factor.device), block)

    def _map(self, similarities: Float[Tensor, "U V"]) -> None:
        if self.temperature is None:
            similarities.clamp_min_(0)
        else:
            similarities.sub_(1).div_(self.temperature).exp_()
            similarities.mul_(self.has_direction.to(similarities.dtype))
