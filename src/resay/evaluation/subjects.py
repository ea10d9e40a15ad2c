"""What is measured: a reading of a model, or a baseline, with what a table says of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float32
from numpy import ndarray

from resay.evaluation.report.about import read_about
from resay.evaluation.systems import BASELINES, Sources, System, VectorCache, open_system


@dataclass(frozen=True, slots=True)
class Subject:
    """A source of sentence vectors that embeds every text once, and its cells in a table.

    Attributes:
        system: Makes the vectors.
        cache: Keeps them.
        title: Name in the table, without the reading.
        reading: What is read off a model; "" for a baseline.
        folder: Of the model; None for a baseline.
        exported: Whether it is an exported model.
        loss: What the model was trained with; "" for a baseline.
        num_neighbours: N of the soft-label loss; "" for others.
        seed: Of the training; "" for a baseline.
    """

    system: System
    cache: VectorCache
    title: str
    reading: str = ""
    folder: Path | None = None
    exported: bool = False
    loss: str = ""
    num_neighbours: str = ""
    seed: str = ""

    @property
    def name(self) -> str:
        """Return the system's name."""
        return self.system.name

    @property
    def sha256(self) -> str:
        """Return the system's hash."""
        return self.system.sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text, in their order."""
        return self.cache.embed(self.system, texts)


def open_subjects(given: str, readings: Sequence[str], sources: Sources, cache: VectorCache) -> Iterator[Subject]:
    """Yield what one word of a command line stands for: every reading of a model, or a baseline.

    A baseline of another seed than 0 says so in its name, as models of several seeds do.

    Raises:
        SettingsError: If it is neither a baseline nor the folder of a model, or a reading or source is missing.
        ResayError: If it cannot be loaded.
    """
    if given in BASELINES:
        system = open_system(
            given, vectors=sources.vectors, lemmas=sources.lemmas, text=sources.text, seed=sources.seed
        )
        yield Subject(system, cache, title=f"{given}-seed{sources.seed}" if sources.seed else given)
        return
    folder = Path(given)
    about = read_about(folder) if folder.is_dir() else None
    for reading in dict.fromkeys(readings):
        system = open_system(given, reading=reading)
        assert about is not None  # or it would not have been opened
        yield Subject(
            system,
            cache,
            title=about.name,
            reading=reading,
            folder=folder,
            exported=about.exported,
            loss=about.loss,
            num_neighbours=about.num_neighbours,
            seed=about.seed,
        )
