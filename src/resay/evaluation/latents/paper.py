"""What the paper measured, as it is printed there."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from resay.evaluation.latents.table import Row, as_number

Published = Mapping[str, Any]


@cache
def published_figures() -> dict[str, list[dict[str, Any]]]:
    """Return the tables of `paper.toml`: ``language_modelling`` (Table 1) and ``classification`` (Table 3)."""
    text = resources.files("resay.evaluation.latents").joinpath("paper.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def published_row(table: str, row: Row) -> Published:
    """Return the paper's row of the model that a row of ours is of; an empty one if the paper has no such model.

    The model is told by latent and word dropout, and the features by their name where a row is of features.
    """
    for one in published_figures()[table]:
        same_model = one["latent"] == row["latent"] and one["word_dropout"] == (as_number(row, "word_dropout") > 0)
        if same_model and one.get("features") == row.get("features"):
            return one
    return {}
