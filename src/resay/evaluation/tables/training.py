"""Training the runs of a table: what is finished stays, what was interrupted goes on, the rest begins."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from resay.evaluation.tables.inputs import Inputs
from resay.evaluation.tables.runs import TableRun, check_all, state
from resay.evaluation.tables.side_by_side import Failure, Job, run_side_by_side
from resay.fitting import TrainSettings
from resay.fitting.preparation import TrainingFiles
from resay.fitting.record import write_atomically

SETTINGS, LOGS = "settings", "logs"
"""Folders beside those of the runs."""


def as_toml(settings: TrainSettings) -> str:
    """Return settings as a file that `resay.fitting.load_settings` reads; a value that is None is left out."""
    values = {name: value for name, value in settings.as_dict().items() if value is not None}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def train_command(script: Sequence[str], run: TableRun, given: TrainingFiles, out: Path) -> list[str]:
    """Return the command that trains a run, or goes on with it.

    Args:
        script: What calls training/train.py.
        run: The run.
        given: The files given for the whole table.
        out: The folder of the runs; the settings lie in it.
    """
    files = run.files(given)
    command = [*script, "--config", str(out / SETTINGS / f"{run.name}.toml"), "--out", str(out / run.name), "--resume"]
    command += ["--train", *map(str, files.train), "--dev", *map(str, files.dev)]
    command += ["--vectors", str(files.vectors)] if files.vectors else []
    return command + (["--lemmas", str(files.lemmas)] if files.lemmas else [])


def train_runs(
    runs: Sequence[TableRun],
    given: TrainingFiles,
    out: Path,
    script: Sequence[str],
    *,
    num_jobs: int,
    say: Callable[[str], None],
) -> list[Failure]:
    """Train runs into OUT/NAME, several side by side; return those that failed.

    Raises:
        CheckpointError: If a folder holds another run than the table wants; nothing is trained then.
        CorpusError: If a text file cannot be trained on.
        VectorsError: If the vectors cannot be read.
        KeyboardInterrupt: If interrupted, once every run has saved how far it has come.
    """
    states = {run.name: state(out / run.name) for run in runs}
    there = [run for run in runs if states[run.name] != "absent"]
    if there:
        inputs = Inputs(given, out)
        check_all([(out / run.name, run, inputs.hashes(run)) for run in there])
    jobs = []
    for run in runs:
        if states[run.name] == "finished":
            say(f"{run.name}: trained already")
            continue
        settings = out / SETTINGS / f"{run.name}.toml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(settings, as_toml(run.settings))
        command = train_command(script, run, given, out)
        jobs.append(Job(run.name, command, out / LOGS / f"{run.name}.log", out / run.name))
    return run_side_by_side(jobs, num_jobs, say)
