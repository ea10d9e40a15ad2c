"""Word vectors in eight bits a component: a quarter of the space, and the same numbers wherever they are read."""

import numpy as np
from jaxtyping import Float32, Int8
from numpy import ndarray

LARGEST_CODE = 127
SCALE_BITS = 12
"""Of a scale's mantissa: seven bits times twelve are exact in float32, so rounding twice changes nothing."""


def to_codes(matrix: Float32[ndarray, "R E"]) -> tuple[Int8[ndarray, "R E"], Float32[ndarray, " R"]]:
    """Return codes and scales with matrix ≈ scale · code, off by half a scale at most; of zeros the scale is 0."""
    mantissas, exponents = np.frexp(np.abs(matrix).max(axis=1, initial=0) / LARGEST_CODE)
    scales = np.ldexp(np.ceil(np.ldexp(mantissas, SCALE_BITS)), exponents - SCALE_BITS).astype(np.float32)
    divisors = np.where(scales == 0, np.float32(1), scales)
    return np.rint(matrix / divisors[:, None]).astype(np.int8), scales


def from_codes(codes: Int8[ndarray, "R E"], scales: Float32[ndarray, " R"]) -> Float32[ndarray, "R E"]:
    """Return scale · code."""
    matrix: Float32[ndarray, "R E"] = codes.astype(np.float32) * scales[:, None]
    return matrix
