"""One run of a table: what it is trained with, how far it has come, and whether a folder holds this very run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from resay.errors import CheckpointError
from resay.fitting import TrainSettings
from resay.fitting.checkpoint import MODEL_FILE
from resay.fitting.preparation import TrainingFiles
from resay.fitting.record import RECORD_FILE, read_record

State = Literal["absent", "unfinished", "finished"]
NO_MATTER = ("device", "checkpoint_steps")
"""Settings that two trainings of one run may differ in: where it ran, and how often it was saved."""
FORMERLY = {"word_vector_bits": 32, "lexicon_size": 0}
"""What runs were trained with before they had a setting whose default is another."""


@dataclass(frozen=True, slots=True)
class TableRun:
    """A row of a table, trained with one seed.

    Attributes:
        row: Name of the row.
        settings: What it is trained with.
        readings: What is measured of it.
        with_vectors: Whether it gets the given word vectors; if not, fastText is trained on the corpus.
        with_lemmas: Whether it gets the given base forms.
    """

    row: str
    settings: TrainSettings
    readings: tuple[str, ...] = ()
    with_vectors: bool = True
    with_lemmas: bool = True

    @property
    def name(self) -> str:
        """Return the name of its folder."""
        return f"{self.row}-seed{self.settings.seed}"

    def files(self, given: TrainingFiles) -> TrainingFiles:
        """Return those of the given files that it is trained with; base forms are of no use without vectors."""
        vectors = given.vectors if self.with_vectors else None
        lemmas = given.lemmas if self.with_lemmas and vectors else None
        return replace(given, vectors=vectors, lemmas=lemmas)


@dataclass(frozen=True, slots=True)
class InputHashes:
    """What a run's record says of the data that it was trained on.

    Attributes:
        train: sha256 of the training corpus, text and tokenizer together.
        dev: Likewise of the dev corpus.
        vectors: sha256 of the words' vectors; None for those trained on the corpus, which differ every time.
    """

    train: str
    dev: str
    vectors: str | None


def state(folder: Path) -> State:
    """Return how far the run in a folder has come.

    Raises:
        CheckpointError: If its record is damaged.
    """
    if not (folder / RECORD_FILE).exists():
        return "absent"
    finished = read_record(folder).get("status") == "finished" and (folder / MODEL_FILE).is_file()
    return "finished" if finished else "unfinished"


def differences(record: Mapping[str, Any], run: TableRun, hashes: InputHashes) -> Iterator[str]:
    """Yield in what a recorded run is another than the one that is wanted, in words.

    Args:
        record: The contents of its `run.json`.
        run: The one that is wanted.
        hashes: Of the data that it has to be trained on.
    """
    former = {**TrainSettings().as_dict(), **FORMERLY, **record["settings"]}
    for name, value in run.settings.as_dict().items():
        if former[name] != value and name not in NO_MATTER:
            yield f"{name} is {_shown(former[name])} in the run and {_shown(value)} in the table"
    for side, wanted in (("train", hashes.train), ("dev", hashes.dev)):
        if record["corpus"][side]["sha256"] != wanted:
            yield f"--{side} holds another text than the run was given"
    files = record.get("files", {})
    if bool(files.get("vectors")) != (hashes.vectors is not None):
        own, other = "vectors trained on the corpus", "a file of vectors"
        yield f"the run has {other if files.get('vectors') else own}, and the row {other if hashes.vectors else own}"
    elif hashes.vectors is not None and record["vectors"]["sha256"] != hashes.vectors:
        yield "its word vectors are not those that --vectors and --lemmas give"
    if files.get("stop_words"):
        yield f"the run has stop words of its own, {files['stop_words']}"


def check_run(folder: Path, run: TableRun, hashes: InputHashes) -> None:
    """Check that the run in a folder, finished or not, is the one that is wanted, whoever trained it.

    Raises:
        CheckpointError: If not; names every difference.
    """
    try:
        found = list(differences(read_record(folder), run, hashes))
    except KeyError as error:
        raise CheckpointError(f"{folder / RECORD_FILE}: damaged, {error} missing") from None
    if found:
        raise CheckpointError(
            f"{folder} holds another run than the table wants: {'; '.join(found)}. Name another --out, or remove it"
        )


def check_all(folders: Sequence[tuple[Path, TableRun, InputHashes]]) -> None:
    """Check several runs, and name all that are others.

    Raises:
        CheckpointError: If one is.
    """
    messages = []
    for folder, run, hashes in folders:
        try:
            check_run(folder, run, hashes)
        except CheckpointError as error:
            messages.append(str(error))
    if messages:
        raise CheckpointError("\n".join(messages))


def _shown(value: object) -> str:
    return "the loss's own default" if value is None else repr(value)
