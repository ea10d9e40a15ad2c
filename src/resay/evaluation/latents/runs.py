"""Runs to measure: finished ones, each told from the others by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.errors import CheckpointError, SettingsError
from resay.evaluation.latents.kinds import Kind, kind_of
from resay.fitting.record import read_record


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run folder whose training is done, before its weights are read.

    Attributes:
        path: The folder.
        record: The contents of its `run.json`.
    """

    path: Path
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the folder's name."""
        return self.path.resolve().name

    @property
    def latent(self) -> str:
        """Return the name of its bottleneck."""
        return str(self.record["model"].get("latent", "none"))

    @property
    def kind(self) -> Kind:
        """Return how its latents are measured."""
        return kind_of(self.latent)

    def described(self) -> dict[str, object]:
        """Return the cells that say in every table how the run came about."""
        return {
            "run": self.name,
            "created": self.record["created"],
            "latent": self.latent,
            "word_dropout": float(self.record["settings"].get("word_dropout", 0.0)),
            "loss": self.record["settings"]["loss"],
            "epochs": self.record["epochs"],
            "train_sentences": self.record["corpus"]["train"]["num_sentences"],
        }


def open_runs(paths: Sequence[Path]) -> list[FinishedRun]:
    """Return the runs of these folders.

    Raises:
        CheckpointError: If a folder holds no run, or one whose training is not finished; the message names it.
        SettingsError: If two folders have the same name.
    """
    runs: list[FinishedRun] = []
    for path in paths:
        record = read_record(path)
        if record.get("status") != "finished":
            raise CheckpointError(
                f"{path}: its training is not finished (status: {record.get('status')}); "
                "wait for its end, or go on with it by python training/train.py … --resume"
            )
        run = FinishedRun(path, record)
        same = next((other for other in runs if other.name == run.name), None)
        if same:
            raise SettingsError(
                f"{same.path} and {path} are both called {run.name}, and a table has one place for a name; "
                "measure them into different folders, --out"
            )
        runs.append(run)
    return runs
