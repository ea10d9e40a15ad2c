"""Whose frontier is higher: similarity as a function of novelty, as the dial draws it.

Axes: D settings of the dial, B inputs, R resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.errors import SettingsError, ShapeError

MIDDLE = (0.25, 0.75)
NARROWEST = 1e-3
"""Over a narrower range of novelty two curves are not compared."""


@dataclass(frozen=True)
class Curve:
    """What a system gives at each setting of its dial.

    Attributes:
        dial: Settings, rising.
        novelty: Of each input's candidates; NaN where it has none. One column will do where only means are known.
        similarity: The judge's, likewise.
    """

    dial: Float64[ndarray, " D"]
    novelty: Float64[ndarray, "D B"]
    similarity: Float64[ndarray, "D B"]

    def means(self, weights: Float64[ndarray, "R B"]) -> tuple[Float64[ndarray, "R D"], Float64[ndarray, "R D"]]:
        """Return novelty and similarity averaged over the inputs, weighted; NaN counts for nothing."""
        return _means(self.novelty, weights), _means(self.similarity, weights)


@dataclass(frozen=True)
class Advantage:
    """How much higher one frontier lies than another, in units of similarity.

    Attributes:
        height: Area between the curves / width of the range, which is their mean distance; NaN where they share
            no range.
        low: 2.5 % quantile over resampled inputs; NaN where inputs are not known one by one.
        high: 97.5 % quantile.
        novelty_from: Where the range begins.
        novelty_to: Where it ends.
    """

    height: float
    low: float
    high: float
    novelty_from: float
    novelty_to: float

    @property
    def is_certain(self) -> bool:
        """Return whether the interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def compare(first: Curve, second: Curve, *, num_resamples: int = 1000, seed: int = 0) -> Advantage:
    """Return how much higher the first frontier lies than the second over the middle half of the dial.

    The range of novelty runs from the lower of the two curves' novelties at dial 0.25 to the higher of those at
    0.75, as far as both curves reach. Between settings of the dial curves are straight lines.

    Args:
        first: A curve.
        second: Another, of the same inputs in the same order.
        num_resamples: Draws of B inputs out of B, with replacement, the same for both curves.
        seed: Of the draws.

    Raises:
        ShapeError: If the curves are of different inputs.
        SettingsError: If a curve has fewer than two settings of the dial.
    """
    num_inputs = first.novelty.shape[1]
    if second.novelty.shape[1] != num_inputs:
        raise ShapeError(f"curves must be of the same inputs; got {num_inputs} and {second.novelty.shape[1]}")
    if min(len(first.dial), len(second.dial)) < 2:
        raise SettingsError(f"a curve needs two settings of the dial; got {len(first.dial)} and {len(second.dial)}")
    generator = np.random.default_rng(seed)
    draws = generator.multinomial(num_inputs, np.full(num_inputs, 1 / num_inputs), size=num_resamples)
    weights = np.concatenate([np.ones((1, num_inputs)), draws])  # row 0: every input once
    points = zip(*first.means(weights), *second.means(weights), strict=True)
    found = [_distance(first.dial, second.dial, *point) for point in points]
    height, start, end = found[0]
    heights = np.array([one for one, _, _ in found[1:]])
    known = num_inputs > 1 and bool(np.isfinite(heights).any())
    low, high = np.nanquantile(heights, [0.025, 0.975]).tolist() if known else (np.nan, np.nan)
    return Advantage(height, low, high, start, end)


def _means(values: Float64[ndarray, "D B"], weights: Float64[ndarray, "R B"]) -> Float64[ndarray, "R D"]:
    known = np.isfinite(values)
    counts = weights @ known.T.astype(np.float64)
    sums = weights @ np.where(known, values, 0.0).T
    means: Float64[ndarray, "R D"] = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return means


def _distance(
    first_dial: Float64[ndarray, " D1"],
    second_dial: Float64[ndarray, " D2"],
    first_novelty: Float64[ndarray, " D1"],
    first_similarity: Float64[ndarray, " D1"],
    second_novelty: Float64[ndarray, " D2"],
    second_similarity: Float64[ndarray, " D2"],
) -> tuple[float, float, float]:
    """Return the mean distance of two curves and the range of novelty that it was taken over."""
    middles = np.array([np.interp(MIDDLE, first_dial, first_novelty), np.interp(MIDDLE, second_dial, second_novelty)])
    start = max(float(middles.min()), float(first_novelty.min()), float(second_novelty.min()))
    end = min(float(middles.max()), float(first_novelty.max()), float(second_novelty.max()))
    if not end - start >= NARROWEST:  # NaN likewise
        return np.nan, start, end
    knots = np.unique(np.concatenate([[start, end], first_novelty, second_novelty]))
    knots = knots[(knots >= start) & (knots <= end)]
    heights = _height(knots, first_novelty, first_similarity) - _height(knots, second_novelty, second_similarity)
    return float(np.trapezoid(heights, knots)) / (end - start), start, end


def _height(
    knots: Float64[ndarray, " K"], novelty: Float64[ndarray, " D"], similarity: Float64[ndarray, " D"]
) -> Float64[ndarray, " K"]:
    """Return similarity at some novelties; where the dial went back and forth, points go by novelty."""
    order = np.argsort(novelty, kind="stable")
    heights: Float64[ndarray, " K"] = np.interp(knots, novelty[order], similarity[order])
    return heights


def curve_of(points: Sequence[tuple[float, ndarray, ndarray]]) -> Curve:
    """Return a curve of (dial, novelties of the inputs, similarities of the inputs), in any order."""
    points = sorted(points, key=lambda point: point[0])
    dial, novelty, similarity = zip(*points, strict=True)
    return Curve(
        np.array(dial, dtype=np.float64),
        np.array(novelty, dtype=np.float64),
        np.array(similarity, dtype=np.float64),
    )
