"""What the paper measured, as it is printed there."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from resay.evaluation.tables.columns import Column

PAPER = "Kovaleva, Rumshisky & Romanov (2018)"


@cache
def published_rows() -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of `paper.toml`, the paper's Table 1, by the name of the row that trains the same loss."""
    text = resources.files("resay.evaluation.tables").joinpath("paper.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def published(row: str, column: Column) -> float | None:
    """Return the paper's figure for a row; None where it has none."""
    figure = published_rows().get(row, {}).get(column.key)
    return None if figure is None else float(figure)


def best_published(column: Column) -> float:
    """Return the highest figure of a column of the paper's table."""
    return max(float(row[column.key]) for row in published_rows().values())
