"""What the tables of a corpus come down to: a few figures a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from resay.evaluation.latents.dimensions import Correlations, correlations, covariance_of_rows
from resay.evaluation.latents.kinds import KINDS, kind_of
from resay.evaluation.latents.spoil import DEAD_SHARE
from resay.evaluation.latents.table import as_number, read_rows

TABLES: Mapping[str, str] = {
    "perplexity": "perplexity.csv",
    "spoil": "spoil.csv",
    "means": "means.csv",
    "covariance": "covariance.csv",
    "classify": "classify.csv",
}
"""Task to the name of its table."""

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Growth:
    """How perplexity grows when dimensions of one reading are spoiled, as shares of the unspoiled perplexity.

    Attributes:
        order: Dimensions, the one that matters most first.
        shares: Growth of each, in that order.
        growths: The same in perplexity.
        unspoiled: That perplexity.
    """

    order: tuple[int, ...]
    shares: tuple[float, ...]
    growths: tuple[float, ...]
    unspoiled: float

    @property
    def num_dead(self) -> int:
        """Return how many dimensions raise perplexity by less than `DEAD_SHARE`."""
        return sum(share < DEAD_SHARE for share in self.shares)

    @property
    def middle(self) -> float:
        """Return the median share."""
        return median(self.shares)


def read_tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of every table of a folder, by task; those of models in the order of the table of latents.

    Raises:
        CorpusError: If a file is another table.
    """
    names = list(KINDS)

    def place(row: Mapping[str, str]) -> tuple[str, int, float, str]:
        latent = row.get("latent", "")
        return row["input"], names.index(latent) if latent in names else -1, as_number(row, "word_dropout"), row["run"]

    return {task: sorted(read_rows(folder / name), key=place) for task, name in TABLES.items()}


def by_run(rows: Rows) -> dict[str, list[Mapping[str, str]]]:
    """Return rows by the name of their run."""
    groups: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        groups.setdefault(row["run"], []).append(row)
    return groups


def decoded_rows(rows: Rows) -> list[Mapping[str, str]]:
    """Return the rows of one run that are of the reading which its model decodes from."""
    return [row for row in rows if row["reading"] == kind_of(row["latent"]).decoded]


def growth_of(rows: Rows) -> Growth:
    """Return how the dimensions of one reading of one run matter."""
    ordered = sorted(rows, key=lambda row: -as_number(row, "growth_share"))
    return Growth(
        tuple(int(row["dimension"]) for row in ordered),
        tuple(as_number(row, "growth_share") for row in ordered),
        tuple(as_number(row, "growth") for row in ordered),
        as_number(ordered[0], "unspoiled_perplexity"),
    )


def growths(rows: Rows) -> dict[tuple[str, str], Growth]:
    """Return the growth of each (run, reading) of the table of spoiled dimensions."""
    groups: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in rows:
        groups.setdefault((row["run"], row["reading"]), []).append(row)
    return {key: growth_of(group) for key, group in groups.items()}


def orders(rows: Rows) -> dict[str, tuple[int, ...]]:
    """Return each run's dimensions in the order of Figure 2: by growth, of the reading that the model decodes from."""
    return {run: growth_of(decoded).order for run, group in by_run(rows).items() if (decoded := decoded_rows(group))}


def in_order(rows: Rows, order: Sequence[int] | None) -> list[Mapping[str, str]]:
    """Return rows of dimensions in an order; in that of their numbers where there is none of so many dimensions."""
    by_dimension = {int(row["dimension"]): row for row in rows}
    known = order is not None and sorted(order) == sorted(by_dimension)
    return [by_dimension[dimension] for dimension in (order if known and order else sorted(by_dimension))]


def run_correlations(rows: Rows) -> dict[str, Correlations]:
    """Return each run's correlations from the table of covariances."""
    return {run: correlations(covariance_of_rows(group)) for run, group in by_run(rows).items()}
