"""The pairs that variants are measured on: the STS Benchmark, which people graded, and a text of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from resay.errors import SettingsError
from resay.evaluation.similarity.graded_pairs import GradedPairs, sha256_of

STS_FILE = Path("STS", "STSBenchmark")
PEOPLE = "people"
STS_TASKS: Mapping[str, str] = MappingProxyType(
    {"sts-b-train": "train", "sts-b-dev": "dev", "sts-b-test": "test"},
)
IN_DOMAIN_DEV, IN_DOMAIN_TEST = "yelp-similarity-dev", "yelp-similarity-test"
GRADED_TASKS = (*STS_TASKS, IN_DOMAIN_DEV, IN_DOMAIN_TEST)
"""In the order of the page's columns."""
CHOICE_TASKS = ("sts-b-train", "sts-b-dev", IN_DOMAIN_DEV)
"""What choices are made on; the others are reported alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Where pairs are.

    Attributes:
        data: SentEval's folder, data/downstream.
        pairs_dev: Graded pairs of a text, as `resay.evaluation.similarity.build_pairs` makes them.
        text_dev: That text.
        pairs_test: Pairs that are only reported.
        text_test: Their text.
    """

    data: Path | None = None
    pairs_dev: Path | None = None
    text_dev: Path | None = None
    pairs_test: Path | None = None
    text_test: Path | None = None


def read_graded(given: Given) -> dict[str, GradedPairs]:
    """Return the pairs of every task that there are files for.

    Raises:
        SettingsError: If pairs are named without their text, or the other way round, or nothing at all.
        CorpusError: If a file cannot be read, or the text is another one.
    """
    found = _sts(given.data) if given.data is not None else {}
    in_domain = {IN_DOMAIN_DEV: (given.pairs_dev, given.text_dev), IN_DOMAIN_TEST: (given.pairs_test, given.text_test)}
    for name, (pairs, text) in in_domain.items():
        if (pairs is None) != (text is None):
            part = name.rpartition("-")[2]
            raise SettingsError(f"pairs go together with their text: give --pairs-{part} and --text-{part}, or neither")
        if pairs is not None and text is not None:
            found[name] = GradedPairs.open(pairs, text)
    if not found:
        raise SettingsError("nothing to measure on: give --data DIR, or --pairs-dev JSON and --text-dev FILE")
    return found


def _sts(data: Path) -> dict[str, GradedPairs]:
    from resay.evaluation.transfer.pair_files import read_sts_benchmark  # with it come all classifiers

    parts = read_sts_benchmark(data)
    found = {}
    for task, part in STS_TASKS.items():
        examples = parts[part]
        numbers = np.arange(2 * len(examples), dtype=np.int64).reshape(-1, 2)
        found[task] = GradedPairs(
            sentences=tuple(zip(*examples.columns, strict=True)),
            lines=numbers,
            grades=examples.targets.astype(np.float64),
            sources=(part,) * len(examples),
            text_sha256=sha256_of(data / STS_FILE / f"sts-{part}.csv"),
            judge=PEOPLE,
            seed=0,
        )
    return found
