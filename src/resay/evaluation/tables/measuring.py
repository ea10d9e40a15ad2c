"""Measuring the runs of a table: every task with every reading, a row written as soon as it is known."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resay.errors import CheckpointError
from resay.evaluation.measuring import measure_subject
from resay.evaluation.report.about import read_about, short_commit
from resay.evaluation.rows import hardware, read_rows, replace_rows, rows_of
from resay.evaluation.subjects import Subject
from resay.evaluation.systems import System, VectorCache, open_system
from resay.evaluation.tables.columns import MAJORITY, PAPER_COLUMNS, SNLI, TASKS
from resay.evaluation.tables.inputs import Inputs
from resay.evaluation.tables.pooling import POOLINGS, PooledStates
from resay.evaluation.tables.runs import TableRun, check_all, state
from resay.evaluation.tables.side_by_side import Failure, Job, run_side_by_side
from resay.evaluation.tables.training import LOGS
from resay.evaluation.tasks import Material
from resay.evaluation.transfer import majority, snli_is_subset
from resay.fitting.preparation import TrainingFiles
from resay.fitting.record import git_commit, now

ROWS_FILE = "tables.csv"
"""Of the folder of results."""
CACHE = "vectors"
"""Folder of sentence vectors beside those of the runs; a run's are removed once all of it is measured."""
SUBSET_NOTE = "20k train pairs"
"""What has to be said wherever a figure of SNLI's smaller training part stands."""


def open_reading(folder: Path, reading: str) -> System:
    """Return one reading of a run as a source of sentence vectors.

    Raises:
        SettingsError: If the run has no such reading.
        CheckpointError: If it cannot be loaded.
    """
    return PooledStates(folder, reading) if reading in POOLINGS else open_system(str(folder), reading=reading)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measuring:
    """What all measurements of a table share.

    Attributes:
        data: SentEval's folder.
        table: The CSV file of rows.
        out: The folder of the runs.
        again: Whether to measure also what stands in the table.
    """

    data: Path
    table: Path
    out: Path
    again: bool = False

    @property
    def material(self) -> Material:
        """Return what the tasks are measured on; classifiers have one seed, so that only trainings differ."""
        return Material(data=self.data)

    def missing(self, run: str, reading: str, sha256: str) -> list[str]:
        """Return the tasks that a reading of a run, as it is now, has no row of; whichever code measured it."""
        rows = read_rows(self.table)
        head = {"system": run, "reading": reading, "model_sha256": sha256}
        return [task for task in TASKS if self.again or not rows_of(rows, {**head, "task": task})]

    def measure(self, run: str, readings: Sequence[str]) -> Iterator[str]:
        """Measure what is missing of a run; yield what was measured as soon as it stands in the table.

        Args:
            run: Name of the run.
            readings: Its readings.

        Raises:
            CorpusError: If the task's files cannot be read, or the table is another one.
            CheckpointError: If the run cannot be loaded.
        """
        about = read_about(self.out / run)
        cache = VectorCache(self.out / CACHE / run)
        for reading in readings:
            subject = Subject(
                open_reading(self.out / run, reading),
                cache,
                title=run,
                reading=reading,
                folder=self.out / run,
                loss=about.loss,
                num_neighbours=about.num_neighbours,
                seed=about.seed,
            )
            tasks = self.missing(run, reading, subject.sha256)
            for measured in measure_subject(subject, tasks, self.material, self.table, again=True):
                yield f"{run}, {reading}, {measured.task}: {measured.rows[0]['seconds']} s"
        shutil.rmtree(self.out / CACHE / run, ignore_errors=True)

    def measure_majority(self) -> None:
        """Write what the majority class has, unless it stands in the table."""
        rows = read_rows(self.table)
        for task in dict.fromkeys(column.task for column in PAPER_COLUMNS):
            values = majority(task, self.data)
            heads = [{"system": MAJORITY, "task": task, "metric": name, "value": one} for name, one in values.items()]
            if all(rows_of(rows, head) for head in heads):
                continue
            note = SUBSET_NOTE if task == SNLI.task and snli_is_subset(self.data) else ""
            about = {"note": note, "hardware": hardware(), "created": now()}
            blank = dict.fromkeys(("reading", "model_sha256", "loss", "num_neighbours", "seed", "seconds"), "")
            commit = short_commit(git_commit() or "")
            replace_rows(self.table, [{**blank, **about, "commit": commit, **head} for head in heads])


def measure_runs(
    runs: Sequence[TableRun],
    given: TrainingFiles,
    measuring: Measuring,
    script: Sequence[str],
    *,
    num_jobs: int,
    say: Callable[[str], None],
) -> list[Failure]:
    """Measure finished runs, several side by side; return those that failed.

    Args:
        runs: The runs; those that are not finished are named and left out.
        given: The files that they were trained on.
        measuring: What all measurements share.
        script: What measures one run: the command, to which its name and readings are added.
        num_jobs: How many at a time.
        say: Shows a line.

    Raises:
        CheckpointError: If a folder holds another run than the table wants; nothing is measured then.
        CorpusError: If a text file, or a task's, cannot be read.
        KeyboardInterrupt: If interrupted.
    """
    out = measuring.out
    finished = [run for run in runs if state(out / run.name) == "finished"]
    if finished:
        inputs = Inputs(given, out)
        check_all([(out / run.name, run, inputs.hashes(run)) for run in finished])
    measuring.measure_majority()
    jobs, failures = [], []
    for run in runs:
        if run not in finished:
            say(f"{run.name}: not trained yet, so not measured")
            continue
        try:
            hashes = {reading: open_reading(out / run.name, reading).sha256 for reading in run.readings}
        except CheckpointError as error:
            failures.append(Failure(run.name, str(error), (), out / run.name))
            say(failures[-1].text())
            continue
        if not any(measuring.missing(run.name, reading, sha256) for reading, sha256 in hashes.items()):
            say(f"{run.name}: measured already")
            continue
        command = [*script, run.name, "--readings", *run.readings]
        jobs.append(Job(run.name, command, out / LOGS / f"{run.name}.measure.log", out / run.name))
    return failures + run_side_by_side(jobs, num_jobs, say)
