"""Pairs of the STS Benchmark: how alike people find two sentences."""

from dataclasses import dataclass
from pathlib import Path

from resay.evaluation.transfer.pair_files import read_sts_file


@dataclass(frozen=True, slots=True)
class SimilarityPair:
    """Two sentences and how alike people found them, from 0 to 5."""

    first: str
    second: str
    score: float


def read_sts(path: Path) -> list[SimilarityPair]:
    """Read a file of the STS Benchmark (sts-dev.csv, sts-test.csv: tab-separated, score and sentences last).

    Raises:
        CorpusError: If the file is missing or a line has not these columns.
    """
    examples = read_sts_file(path)
    return [
        SimilarityPair(first, second, score)
        for first, second, score in zip(*examples.columns, examples.targets.tolist(), strict=True)
    ]
