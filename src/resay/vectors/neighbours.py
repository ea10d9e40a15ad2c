"""The most similar words of every word, without ever holding all pairs."""

import numpy as np
from jaxtyping import Bool, Float32, Int64

from resay.errors import SettingsError, ShapeError

# Pairs of vectors compared at a time in float64: small enough to stay in the processor's cache.
RESCORE_PAIRS = 1024


def nearest_neighbours(
    matrix: Float32[np.ndarray, "V E"],
    num_neighbours: int,
    *,
    block_rows: int = 512,
    candidates: Bool[np.ndarray, " V"] | None = None,
    excluded: Int64[np.ndarray, "P 2"] | None = None,
) -> tuple[Int64[np.ndarray, "V N"], Float32[np.ndarray, "V N"]]:
    """Return each row's nearest rows by cosine, ``s_ij = v_i·v_j / (|v_i| |v_j|)``, best first.

    The row itself comes first always, also where another row equals it. Equal similarities (as float32) go by
    the lower id. A row of zeros has no direction: it is nobody's neighbour and has itself alone. Slots that
    nothing fills hold the row's own id and similarity 0, so that a weighted sum over them adds nothing.

    A block's similarities come from one float32 matrix product, whose last bits hang on the block's shape;
    the best few are therefore computed again pair by pair in float64. The result does not depend on
    ``block_rows``.

    Args:
        matrix: One vector per row, of any length.
        num_neighbours: N, the row itself included; 1 to V.
        block_rows: Rows at a time; the working memory is about ``8 · block_rows · V`` bytes.
        candidates: Rows that may be neighbours of *others*; all by default. The rows left out still get
            neighbours of their own.
        excluded: Pairs of rows that are not each other's neighbours; the next nearest take their places.

    Returns:
        Ids and similarities. Similarities are clipped to [−1, 1].

    Raises:
        SettingsError: ``num_neighbours`` or ``block_rows`` out of range.
        ShapeError: ``matrix`` holds NaN or infinite values, or ``candidates`` is of another length, or ``excluded``
            names a row that is not there.
    """
    num_rows = len(matrix)
    if not 1 <= num_neighbours <= num_rows:
        raise SettingsError(f"num_neighbours must be 1 to {num_rows}, the number of rows; got {num_neighbours}")
    if block_rows < 1:
        raise SettingsError(f"block_rows must be 1 or more, got {block_rows}")
    if candidates is not None and len(candidates) != num_rows:
        raise ShapeError(f"candidates must have one entry per row, {num_rows}; got {len(candidates)}")
    lengths = _lengths(matrix)
    has_direction = lengths > 0
    allowed = has_direction if candidates is None else has_direction & candidates
    ids = np.repeat(np.arange(num_rows, dtype=np.int64)[:, None], num_neighbours, axis=1)
    similarities = np.zeros((num_rows, num_neighbours), dtype=np.float32)
    similarities[:, 0] = 1
    num_others = min(num_neighbours - 1, int(allowed.sum()))
    if num_others:
        search = _Search(matrix, lengths, np.flatnonzero(allowed), num_others, _both_ways(excluded, num_rows))
        rows = np.flatnonzero(has_direction)
        for start in range(0, len(rows), block_rows):
            search.fill(rows[start : start + block_rows], ids, similarities)
    return ids, similarities


def _lengths(matrix: np.ndarray) -> np.ndarray:
    """Lengths of the rows in float64, where the square of no float32 overflows or vanishes."""
    lengths: np.ndarray = np.sqrt(np.einsum("ve,ve->v", matrix, matrix, dtype=np.float64))
    bad_rows = np.flatnonzero(~np.isfinite(lengths))
    if bad_rows.size:
        raise ShapeError(f"row {bad_rows[0]} of the matrix holds NaN or an infinite value; give finite vectors")
    return lengths


def _both_ways(pairs: np.ndarray | None, num_rows: int) -> np.ndarray:
    """Return pairs and their mirror images, sorted by the first row."""
    if pairs is None or not pairs.size:
        return np.empty((0, 2), dtype=np.int64)
    if pairs.min() < 0 or pairs.max() >= num_rows:
        raise ShapeError(f"excluded must name rows 0 to {num_rows - 1}; got {pairs.min()} to {pairs.max()}")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    sorted_pairs: np.ndarray = both[np.argsort(both[:, 0], kind="stable")]
    return sorted_pairs


class _Search:
    """What every block of rows needs."""

    def __init__(
        self, matrix: np.ndarray, lengths: np.ndarray, allowed: np.ndarray, num_others: int, excluded: np.ndarray
    ) -> None:
        self.matrix = matrix
        self.lengths = lengths
        self.allowed = allowed
        self.num_others = num_others
        self.excluded = excluded
        self.column = np.full(len(matrix), -1)
        self.column[allowed] = np.arange(len(allowed))
        self.allowed_unit = self._unit(allowed)
        # A float32 product is off by at most (E + 2) · 2^-24, on both sides of the comparison; two more for
        # the rounding that makes ties.
        self.tolerance = (matrix.shape[1] + 4) * 2.0**-23

    def fill(self, rows: np.ndarray, ids: np.ndarray, similarities: np.ndarray) -> None:
        """Write the neighbours of ``rows`` behind the rows themselves."""
        position, column = self._shortlist(rows)
        row, neighbour = rows[position], self.allowed[column]
        similarity = self._similarities(row, neighbour)
        order = np.lexsort((neighbour, -similarity, position))
        num_listed = np.bincount(position, minlength=len(rows))
        rank = np.arange(len(order)) - np.repeat(np.cumsum(num_listed) - num_listed, num_listed)
        best = rank < self.num_others
        order, slot = order[best], rank[best] + 1
        ids[row[order], slot] = neighbour[order]
        similarities[row[order], slot] = similarity[order]

    def _shortlist(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return position in ``rows`` and column of every pair that may be among the best."""
        approximate = self._unit(rows) @ self.allowed_unit.T
        own = self.column[rows]
        approximate[np.flatnonzero(own >= 0), own[own >= 0]] = -np.inf
        approximate[self._excluded_entries(rows)] = -np.inf
        last = approximate.shape[1] - self.num_others
        # partition and compare: argpartition on float32 takes ten times as long.
        threshold = np.partition(approximate, last, axis=1)[:, last] - self.tolerance
        np.maximum(threshold, -2, out=threshold)  # above the −inf of the row itself and of what is excluded
        position, column = np.nonzero(approximate >= threshold[:, None])
        return position, column

    def _excluded_entries(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return position in ``rows`` and column of every excluded pair."""
        first = np.searchsorted(self.excluded[:, 0], rows, side="left")
        num_pairs = np.searchsorted(self.excluded[:, 0], rows, side="right") - first
        position = np.repeat(np.arange(len(rows)), num_pairs)
        pair = np.arange(len(position)) + np.repeat(first - np.cumsum(num_pairs) + num_pairs, num_pairs)
        column = self.column[self.excluded[pair, 1]]
        return position[column >= 0], column[column >= 0]

    def _similarities(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Cosines of pairs of rows, each alone and in float64, then rounded to float32."""
        cosines = np.empty(len(first), dtype=np.float64)
        for start in range(0, len(first), RESCORE_PAIRS):
            part = slice(start, start + RESCORE_PAIRS)
            left = self.matrix[first[part]].astype(np.float64)
            right = self.matrix[second[part]].astype(np.float64)
            np.vecdot(left, right, out=cosines[part])
        cosines /= self.lengths[first] * self.lengths[second]
        return np.clip(cosines, -1, 1).astype(np.float32)

    def _unit(self, rows: np.ndarray) -> np.ndarray:
        unit = np.empty((len(rows), self.matrix.shape[1]), dtype=np.float32)
        np.divide(self.matrix[rows], self.lengths[rows, None], out=unit, casting="same_kind")
        return unit
