"""A matrix as whole numbers of eight bits, one scale to a row."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int8
from numpy import ndarray

TOP_LEVEL = 127
DAMPING = 0.01
"""Added to the moments' diagonal as a share of its mean: directions that no sample has must not weigh nothing."""
BLOCK = 64


@dataclass(frozen=True, slots=True)
class RoundedMatrix:
    """Row n of the matrix is scales[n] · levels[n].

    Attributes:
        levels: Whole numbers from −127 to 127.
        scales: The step between two of them, above 0.
    """

    levels: Int8[ndarray, "rows columns"]
    scales: Float32[ndarray, " rows"]


def row_scales(matrix: Float[ndarray, "rows columns"]) -> Float32[ndarray, " rows"]:
    """Return the scale of each row that makes its largest entry ±127; 1 for a row of zeros."""
    largest = np.abs(matrix).max(axis=1).astype(np.float32)
    # The floor is for subnormal rows, whose quotient can be 0.
    steps = np.maximum(largest / np.float32(TOP_LEVEL), np.finfo(np.float32).tiny)
    scales: Float32[ndarray, " rows"] = np.where(largest > 0, steps, np.float32(1))
    return scales


def to_levels(quotients: Float[ndarray, "*shape"]) -> Float[ndarray, "*shape"]:
    """Return the nearest levels, still as floats."""
    levels: Float[ndarray, "*shape"] = np.clip(np.rint(quotients), -TOP_LEVEL, TOP_LEVEL)
    return levels


def round_rows(matrix: Float[ndarray, "rows columns"]) -> RoundedMatrix:
    """Round every entry to the nearest level of its row."""
    scales = row_scales(matrix)
    return RoundedMatrix(to_levels(matrix / scales[:, np.newaxis]).astype(np.int8), scales)


def round_rows_for(matrix: Float[ndarray, "rows columns"], samples: Float[ndarray, "samples columns"]) -> RoundedMatrix:
    """Round a matrix so that its products W x with sampled x change as little as possible.

    One column after another is rounded, and what that adds to W x is taken back as far as possible by the columns
    that are still to come (GPTQ, Frantar et al. 2022, arXiv 2210.17323). With Σ = mean x xᵀ + δ I and U the upper
    Cholesky factor of Σ⁻¹, rounding column j by e_j changes column k > j by −e_j U_jk / U_jj.

    Raises:
        numpy.linalg.LinAlgError: If the samples are not finite.
    """
    factor = inverse_factor(samples)
    scales = row_scales(matrix)
    # A row for each column: what a step changes then lies together in memory.
    columns = np.ascontiguousarray((matrix / scales[:, np.newaxis]).T, dtype=np.float64)
    levels = np.empty_like(columns)
    num_columns = len(columns)
    for start in range(0, num_columns, BLOCK):
        stop = min(start + BLOCK, num_columns)
        errors = np.empty((stop - start, columns.shape[1]))
        for column in range(start, stop):
            levels[column] = to_levels(columns[column])
            error = (columns[column] - levels[column]) / factor[column, column]
            errors[column - start] = error
            columns[column + 1 : stop] -= np.outer(factor[column, column + 1 : stop], error)
        columns[stop:] -= factor[start:stop, stop:].T @ errors
    return RoundedMatrix(np.ascontiguousarray(levels.T).astype(np.int8), scales)


def inverse_factor(samples: Float[ndarray, "samples columns"]) -> Float64[ndarray, "columns columns"]:
    """Return the upper Cholesky factor U of Σ⁻¹ = Uᵀ U, Σ being the samples' second moment, damped."""
    wide = samples.astype(np.float64)
    moment = wide.T @ wide / len(wide)
    # The floor is for samples that are all zero.
    damping = max(DAMPING * float(np.diag(moment).mean()), np.finfo(np.float64).tiny ** 0.25)
    inverse = np.linalg.inv(moment + damping * np.eye(len(moment)))
    factor: Float64[ndarray, "columns columns"] = np.linalg.cholesky((inverse + inverse.T) / 2).T
    return factor
