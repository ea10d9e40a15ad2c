"""Sentences, or pairs of them, with what is to be predicted of each; and the files that they stand in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.errors import CorpusError

Row = tuple[tuple[str, ...], float | int]
"""One or two texts, and their score (float) or label (int, from 0)."""
Parse = Callable[[str], Row]
"""A line to its texts and target; raises IndexError, KeyError or ValueError if it is malformed."""


@dataclass(frozen=True, slots=True)
class Examples:
    """N examples of one part of a task, such as its training part.

    Attributes:
        columns: N texts; or two times N, the first and the second of each pair.
        targets: Their labels, from 0, or their scores.
    """

    columns: tuple[tuple[str, ...], ...]
    targets: Int64[ndarray, " N"] | Float64[ndarray, " N"]

    def __len__(self) -> int:
        return len(self.targets)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Examples":
        """Return rows as columns."""
        texts, targets = zip(*rows, strict=True)
        return cls(tuple(zip(*texts, strict=True)), np.array(targets))


def read_lines(path: Path, expected: str, encoding: str = "utf-8-sig") -> list[str]:
    """Return the lines of a file without their ends.

    Args:
        path: The file.
        expected: What its lines hold, for messages.
        encoding: Its encoding.

    Raises:
        CorpusError: If it is missing or empty, or not in this encoding.
    """
    try:
        text = path.read_bytes().decode(encoding)
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); expected lines of {expected}. The data folder must be "
            "SentEval's, which holds MRPC/, SICK/, SNLI/, STS/, MR/, CR/, SUBJ/, MPQA/, TREC/ and SST/"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"{path}, line {line}: not {encoding}; expected {expected}") from None
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if not text.strip():
        raise CorpusError(f"{path}: is empty; expected lines of {expected}")
    return lines


def read_rows(
    path: Path, parse: Parse, expected: str, *, encoding: str = "utf-8-sig", has_header: bool = False
) -> list[Row]:
    """Return what `parse` makes of each line of a file.

    Args:
        path: The file.
        parse: Reads a line.
        expected: What a line holds, for messages.
        encoding: Its encoding.
        has_header: Whether the first line names the columns.

    Raises:
        CorpusError: If the file cannot be read, or a line is malformed.
    """
    rows = []
    for number, line in enumerate(read_lines(path, expected, encoding), start=1):
        if has_header and number == 1:
            continue
        try:
            rows.append(parse(line))
        except (IndexError, KeyError, ValueError):
            shown = line if len(line) <= 60 else line[:60] + " ..."
            raise CorpusError(f"{path}, line {number}: expected {expected}; found {shown!r}") from None
    if not rows:
        raise CorpusError(f"{path}: holds nothing but its header; expected lines of {expected}")
    return rows
