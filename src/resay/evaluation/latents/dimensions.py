"""Figures 3 and 4 of Baynazarov & Piontkovskaya (2019): means of dimensions, and their covariances.

Axes: N sentences, Z latent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

WITH = "with_"
"""Beginning of the columns of the table of covariances; the number of a dimension follows."""
DIGITS = 3
"""Significant digits of a covariance in the table, which has Z of them in each of Z rows."""
CONSTANT = 1e-9
"""A dimension with no larger deviation does not vary, but for rounding."""


def describe_dimensions(values: Float[Tensor, "N Z"], reading: str) -> Iterator[dict[str, object]]:
    """Yield mean and standard deviation of each dimension over the sentences."""
    array = values.double().cpu().numpy()
    for dimension, (mean, deviation) in enumerate(zip(array.mean(0), array.std(0), strict=True)):
        yield {"reading": reading, "dimension": dimension, "mean": float(mean), "deviation": float(deviation)}


def covariance(values: Float[Tensor, "N Z"]) -> NDArray[np.float64]:
    """Return the covariances of dimensions [Z, Z], Σ_n (x_ni − x̄_i)(x_nj − x̄_j) / (N − 1)."""
    return np.atleast_2d(np.cov(values.double().cpu().numpy(), rowvar=False))


def covariance_rows(values: Float[Tensor, "N Z"], reading: str) -> Iterator[dict[str, object]]:
    """Yield a row for each dimension, with its covariance with every dimension."""
    for dimension, row in enumerate(covariance(values)):
        cells = {f"{WITH}{other}": float(f"{value:.{DIGITS}g}") for other, value in enumerate(row)}
        yield {"reading": reading, "dimension": dimension, **cells}


def covariance_of_rows(rows: list[Mapping[str, str]]) -> NDArray[np.float64]:
    """Return the matrix that such rows were made from, by the number of dimensions."""
    ordered = sorted(rows, key=lambda row: int(row["dimension"]))
    return np.array([[float(row[f"{WITH}{other}"]) for other in range(len(ordered))] for row in ordered])


@dataclass(frozen=True, slots=True)
class Correlations:
    """How far dimensions say the same.

    Attributes:
        largest: Largest absolute correlation of two different dimensions; NaN where there are no two that vary.
        mean: Mean of the absolute correlations of all pairs of different dimensions, likewise.
        num_constant: Dimensions that do not vary, which have no correlation and are left out.
    """

    largest: float
    mean: float
    num_constant: int


def correlations(matrix: NDArray[np.float64]) -> Correlations:
    """Return the correlations behind a matrix of covariances."""
    deviations = np.sqrt(np.diag(matrix))
    varying = deviations > CONSTANT
    num_constant = int((~varying).sum())
    if varying.sum() < 2:
        return Correlations(float("nan"), float("nan"), num_constant)
    scaled = matrix[np.ix_(varying, varying)] / np.outer(deviations[varying], deviations[varying])
    pairs = np.abs(scaled[np.triu_indices(len(scaled), k=1)])
    return Correlations(float(pairs.max()), float(pairs.mean()), num_constant)
