"""One task after another, each written down before the next begins."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.evaluation.report.about import short_commit
from resay.evaluation.rows import Row, hardware, read_rows, replace_rows, rows_of
from resay.evaluation.subjects import Subject
from resay.evaluation.tasks import RUN, TASKS, Material, note_of
from resay.fitting.checkpoint import MODEL_FILE
from resay.fitting.record import git_commit, now

DECODED = "latent"
"""What a decoder reads, so what a reconstruction is of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a task: its rows, and whether they stood in the table already; no rows where it cannot be done."""

    task: str
    rows: Sequence[Row]
    known: bool = False


def measure_subject(
    subject: Subject, tasks: Sequence[str], material: Material, table: Path | None, *, again: bool = False
) -> Iterator[Measured]:
    """Measure a system on tasks; yield what came of each as soon as it is written.

    A task that stands in the table for the same model, code and note is not measured again. What needs a run folder
    is left out for others.

    Args:
        subject: The system.
        tasks: Names of tasks.
        material: What they are measured on.
        table: The CSV file; None to write nothing.
        again: Whether to measure also what stands in the table.

    Raises:
        CorpusError: If a task's files cannot be read, or the table is another one.
        ResayError: If a model cannot be loaded.
    """
    for name in tasks:
        task = TASKS[name]
        if RUN in task.needs and (subject.folder is None or subject.exported):
            yield Measured(name, [])
            continue
        head = _head(subject, name, material)
        if task.once and subject.folder is not None:
            head |= {"reading": DECODED, "model_sha256": _weights_sha256(subject.folder)}
        known = [] if again or table is None else rows_of(read_rows(table), head)
        if known:
            yield Measured(name, known, known=True)
            continue
        started = time.perf_counter()
        values = task.measure(subject, material)
        done = {"hardware": hardware(), "seconds": round(time.perf_counter() - started, 1), "created": now()}
        rows = [{**head, **done, "metric": metric, "value": value} for metric, value in values.items()]
        if table is not None:
            replace_rows(table, rows)
        yield Measured(name, rows)


def _head(subject: Subject, task: str, material: Material) -> dict[str, Any]:
    """Return the cells that a measurement depends on."""
    return {
        "system": subject.title,
        "loss": subject.loss,
        "num_neighbours": subject.num_neighbours,
        "seed": subject.seed,
        "reading": subject.reading,
        "task": task,
        "note": note_of(task, subject, material),
        "model_sha256": subject.sha256,
        "commit": short_commit(git_commit() or ""),
    }


def _weights_sha256(folder: Path) -> str:
    with (folder / MODEL_FILE).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
