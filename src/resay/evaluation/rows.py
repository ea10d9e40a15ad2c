"""Tables of measurements as CSV files: rows that are of the same thing are written, and replaced, together.

Results have one figure a row, so that a new task or metric needs no new column. Other tables name their own columns and
what their rows are of, and share the reading and writing.
"""

import csv
import fcntl
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from math import nan
from pathlib import Path
from typing import Any

from resay.errors import CorpusError
from resay.vectors.atomic_file import atomic_file

COLUMNS = (
    "system",
    "loss",
    "num_neighbours",
    "seed",
    "reading",
    "task",
    "metric",
    "value",
    "note",
    "model_sha256",
    "commit",
    "hardware",
    "seconds",
    "created",
)
"""Of a table of results: `seed` is that of the training, `seconds` and `commit` are those of the measurement."""
KEY = ("system", "reading", "task")
"""What results are of; a later measurement of the same takes their place."""
DIGITS = 6
"""Significant digits of a number in a table."""
PROCESSORS = Path("/proc/cpuinfo")

Row = Mapping[str, Any]


def as_cell(value: object) -> str:
    """Return a value as it is written: numbers that are no integers with six significant digits, None as nothing."""
    if value is None:
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def as_number(row: Row, name: str) -> float:
    """Return a cell as a number; NaN where it is empty or missing."""
    cell = row.get(name)
    return nan if cell is None or cell == "" else float(cell)


def read_rows(path: Path, required: Sequence[str] = COLUMNS, kind: str = "results") -> list[dict[str, str]]:
    """Return the rows of a table, none if there is no such file yet.

    Args:
        path: The CSV file.
        required: Columns that it must have.
        kind: What the table is of, for the message.

    Raises:
        CorpusError: If it lacks a column: it is another table.
    """
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
    missing = [name for name in required if reader.fieldnames and name not in reader.fieldnames]
    if missing:
        raise CorpusError(f"{path}: is no table of {kind}, as it lacks {', '.join(missing)}; name another")
    return rows


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write a table; the file is whole at any moment.

    Columns stand in order of first appearance, and those of results, where all are there, in the order of `COLUMNS`.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if set(COLUMNS) <= set(columns):
        columns = list(dict.fromkeys((*COLUMNS, *columns)))
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: as_cell(value) for name, value in row.items()} for row in rows)


def replace_rows(
    path: Path,
    rows: Sequence[Row],
    key: Sequence[str] = KEY,
    *,
    required: Sequence[str] = COLUMNS,
    kind: str = "results",
) -> None:
    """Put rows into a table, in the place of all those that are of the same; the table is sorted by what rows are of.

    Commands that measure at the same time may write to one table.

    Args:
        path: The CSV file; made if there is none.
        rows: With the required columns, others as one likes. None at all change nothing.
        key: Columns that tell what a row is of.
        required: As in `read_rows`.
        kind: As in `read_rows`.

    Raises:
        CorpusError: If the table, or a row, lacks a column.
    """
    if not rows:
        return
    missing = [name for name in dict.fromkeys((*key, *required)) if any(name not in row for row in rows)]
    if missing:
        raise CorpusError(f"{path}: a row of {kind} needs the columns {', '.join(missing)}, and lacks them")
    new = {_place(row, key) for row in rows}
    with _only_writer(path):
        kept: list[Row] = [row for row in read_rows(path, required, kind) if _place(row, key) not in new]
        write_rows(path, sorted((*kept, *rows), key=lambda row: _place(row, key)))


def rows_of(rows: Sequence[Row], head: Row) -> list[Row]:
    """Return the rows that agree with all cells of a head: those of the same measurement, if it was made."""
    wanted = {name: as_cell(value) for name, value in head.items()}
    return [row for row in rows if all(as_cell(row.get(name)) == text for name, text in wanted.items())]


def _place(row: Row, key: Sequence[str]) -> tuple[str, ...]:
    return tuple(as_cell(row.get(name)) for name in key)


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Let one writer at a time read a table and write it again; no file is left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_at(descriptor, lock):
            break
        os.close(descriptor)  # the writer before us has removed the file that we waited for
    try:
        yield
    finally:
        lock.unlink()
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def hardware(device: str = "cpu") -> str:
    """Return what computes, such as "CPU: AMD EPYC 9R14, 2 threads, torch 2.13.0"; no host's name.

    Args:
        device: "cpu", or "cuda" for the graphics processor that torch uses.
    """
    import torch  # reading a table needs none of it

    version = metadata.version("torch").partition("+")[0]
    if device.startswith("cuda"):
        return f"GPU: {torch.cuda.get_device_name(device)}, torch {version}"
    number = torch.get_num_threads()
    return f"CPU: {_processor()}, {number} thread{'s' if number > 1 else ''}, torch {version}"


def _processor() -> str:
    try:
        lines = PROCESSORS.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
