"""Means, covariances and correlations against plain loops and closed forms."""

import math

import numpy as np
import pytest
import torch

from resay.evaluation.latents.dimensions import (
    correlations,
    covariance,
    covariance_of_rows,
    covariance_rows,
    describe_dimensions,
)
from resay.evaluation.latents.table import as_cell


@pytest.fixture
def values(rng):
    return torch.from_numpy(rng.standard_normal((9, 3)).astype(np.float32))


def test_covariance_by_hand(values):
    rows = values.double().tolist()
    means = [sum(row[i] for row in rows) / 9 for i in range(3)]
    expected = [
        [sum((row[i] - means[i]) * (row[j] - means[j]) for row in rows) / 8 for j in range(3)] for i in range(3)
    ]
    assert covariance(values) == pytest.approx(np.array(expected))
    assert covariance(values) == pytest.approx(np.cov(values.double().numpy().T))
    assert covariance(values[:, :1]).shape == (1, 1)


def test_means_and_deviations(values):
    rows = list(describe_dimensions(values, "mean"))
    array = values.double().numpy()
    assert [row["mean"] for row in rows] == pytest.approx(array.mean(0).tolist())
    assert [row["deviation"] for row in rows] == pytest.approx(array.std(0).tolist())
    assert {row["reading"] for row in rows} == {"mean"}


def test_a_matrix_survives_the_table(values):
    rows = [{name: as_cell(value) for name, value in row.items()} for row in covariance_rows(values, "mean")]
    assert covariance_of_rows(rows[::-1]) == pytest.approx(covariance(values), rel=5e-3)


def test_dimensions_that_say_the_same_are_seen():
    column = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    other = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    found = correlations(covariance(torch.stack([column, 1 - column, other, torch.ones(6)], dim=1)))
    assert found.largest == pytest.approx(1.0)
    between = abs(np.corrcoef(column.numpy(), other.numpy())[0, 1])
    assert 0 < between < 1
    assert found.mean == pytest.approx((1 + 2 * between) / 3)
    assert found.num_constant == 1


def test_no_two_dimensions_vary():
    found = correlations(covariance(torch.full((5, 3), 0.3)))
    assert math.isnan(found.largest)
    assert math.isnan(found.mean)
    assert found.num_constant == 3
