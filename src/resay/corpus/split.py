"""Honest splits: no sentence stands twice, none on both sides."""

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resay.corpus.lines import read_lines
from resay.errors import CorpusError


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Lines written to each file, and lines left out because they had stood before."""

    num_train: int
    num_dev: int
    num_test: int
    num_repeated: int


def _fingerprint(line: str) -> bytes:
    return hashlib.blake2b(line.encode("utf-8"), digest_size=12).digest()


def _distinct(lines: Iterable[str], seen: set[bytes]) -> Iterator[str]:
    """Yield the lines whose fingerprint is new; only fingerprints are kept in memory."""
    for line in lines:
        fingerprint = _fingerprint(line)
        if fingerprint not in seen:
            seen.add(fingerprint)
            yield line


def _write(path: Path, lines: Iterable[str]) -> int:
    with path.open("w", encoding="utf-8") as stream:
        return sum(bool(stream.write(line + "\n")) for line in lines)


def split_corpus(
    train: list[Path], held_out: list[Path], out: Path, *, num_dev: int, num_test: int, seed: int
) -> SplitReport:
    """Write OUT/train.txt, OUT/dev.txt and OUT/test.txt.

    Args:
        train: Files whose distinct lines are trained on.
        held_out: Files from which dev and test lines are drawn, after leaving out every line of `train`.
        out: The folder to write.
        num_dev: Lines of dev.txt.
        num_test: Lines of test.txt.
        seed: Decides which lines are drawn.

    Raises:
        CorpusError: If a file cannot be read, or the held-out files have too few lines left.
    """
    out.mkdir(parents=True, exist_ok=True)
    seen: set[bytes] = set()
    num_read = 0

    def counted(files: list[Path]) -> Iterator[str]:
        nonlocal num_read
        for line in read_lines(files):
            num_read += 1
            yield line

    num_train = _write(out / "train.txt", _distinct(counted(train), seen))
    candidates = list(_distinct(counted(held_out), seen))
    wanted = num_dev + num_test
    if len(candidates) < wanted:
        raise CorpusError(
            f"the held-out files have {len(candidates)} distinct lines that are not in the training files; "
            f"{num_dev} + {num_test} were asked for"
        )
    drawn = random.Random(seed).sample(candidates, wanted)
    _write(out / "dev.txt", drawn[:num_dev])
    _write(out / "test.txt", drawn[num_dev:])
    return SplitReport(num_train, num_dev, num_test, num_read - num_train - len(candidates))
