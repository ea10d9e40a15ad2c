"""Ways from one latent to another."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray

DEFAULT_POINTS = 9
"""Of a straight line."""


class Path(NamedTuple):
    """Points between two latents, both of them included, in order.

    Attributes:
        latents: The points.
        positions: How far along the way each lies, from 0 to 1.
    """

    latents: Float32[ndarray, "L Z"]
    positions: Float64[ndarray, " L"]


def straight_line(start: Float32[ndarray, " Z"], end: Float32[ndarray, " Z"], num_points: int | None = None) -> Path:
    """Return the points (1 − t) z_a + t z_b at evenly spread t; `DEFAULT_POINTS` of them, if not told."""
    positions = np.linspace(0.0, 1.0, num_points or DEFAULT_POINTS)
    shares = positions[:, np.newaxis].astype(np.float32)
    return Path((1 - shares) * start + shares * end, positions)


def bit_flips(
    start: Float32[ndarray, " Z"], end: Float32[ndarray, " Z"], seed: int, num_points: int | None = None
) -> Path:
    """Return one of the shortest ways between two codes of zeros and ones, drawn from all of them.

    Each step flips one bit in which the two still differ, so that it has the Hamming distance 1. The whole way has
    one point more than the codes differ in bits; fewer points, if told, are spread evenly over it. There are never
    more points than the way has.
    """
    order = np.random.default_rng(seed).permutation(np.flatnonzero(start != end))
    num_flips = len(order)
    stops = np.arange(num_flips + 1)
    if num_points is not None:
        stops = np.unique(np.rint(np.linspace(0, num_flips, num_points)).astype(np.int64))
    turn = np.full(len(start), num_flips)  # after how many flips each bit has been flipped
    turn[order] = np.arange(num_flips)
    is_flipped: Bool[ndarray, "L Z"] = turn < stops[:, np.newaxis]
    return Path(np.where(is_flipped, end, start), stops / max(1, num_flips))


def find_path(
    start: Float32[ndarray, " Z"],
    end: Float32[ndarray, " Z"],
    *,
    binary: bool,
    seed: int,
    num_points: int | None = None,
) -> Path:
    """Return the way between two latents of a model; the seed decides between those of bits alone."""
    if binary:
        return bit_flips(start, end, seed, num_points)
    return straight_line(start, end, num_points)
