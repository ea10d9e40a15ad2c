"""One run after another, each measurement written down before the next begins."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from resay.corpus import Corpus, prepare_corpus, spread_evenly
from resay.errors import SettingsError
from resay.evaluation.latents.classify import REFERENCE, LabelledParts, classify_references, classify_run
from resay.evaluation.latents.dimensions import covariance_rows, describe_dimensions
from resay.evaluation.latents.encoding import EncodedCorpus, encode_corpus, read_latents
from resay.evaluation.latents.kinds import Kind
from resay.evaluation.latents.likelihood import Likelihood
from resay.evaluation.latents.perplexity import measure_perplexity
from resay.evaluation.latents.runs import FinishedRun
from resay.evaluation.latents.spoil import spoil
from resay.evaluation.latents.summary import TABLES
from resay.evaluation.latents.table import read_rows, replace_rows, rows_of
from resay.fitting import load_run
from resay.models import Autoencoder

SHORT = 12
"""Digits of a sha256 in a table."""

Cells = Mapping[str, object]


def require_some(**numbers: int) -> None:
    """Check that there is something to measure.

    Raises:
        SettingsError: If a number is below 1; names it.
    """
    for name, number in numbers.items():
        if number < 1:
            raise SettingsError(f"{name} must be 1 or more; got {number}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """What all measurements of a folder of tables share.

    Attributes:
        out: The folder.
        data: Text files, one sentence a line, that perplexities and dimensions are measured on; classifiers need none.
        num_draws: Latents drawn for each sentence.
        num_spoiled: Sentences, spread evenly over the files, on which dimensions are spoiled.
        seed: Of whatever is drawn.
        device: Where `measure` computes; classifiers are small and stay on the CPU.
        again: Whether to measure also what stands in the tables.
        commit: Of the code that measures.

    Raises:
        SettingsError: If a number is below 1.
    """

    out: Path
    data: Sequence[Path] = ()
    num_draws: int = 10
    num_spoiled: int = 1000
    seed: int = 0
    device: str = "cpu"
    again: bool = False
    commit: str = ""

    def __post_init__(self) -> None:
        require_some(num_draws=self.num_draws, num_spoiled=self.num_spoiled)

    def measure(self, run: FinishedRun, tasks: Sequence[str]) -> Iterator[tuple[str, int | None]]:
        """Measure a run and write its rows.

        Args:
            run: The run.
            tasks: Keys of `MEASURES`.

        Yields:
            Each task with the number of its rows as soon as they are written: none where the latent has no
            dimensions, None where the rows were there.

        Raises:
            CheckpointError: If the run cannot be loaded.
            CorpusError: If a text file or a table cannot be read.
        """
        heads = {task: self._head(run, task) for task in tasks}
        missing = [task for task in tasks if self.again or not self._rows(task, heads[task])]
        open_tasks = [task for task in missing if run.kind.spoiled or task == "perplexity"]
        for task in tasks:
            if task not in open_tasks:
                yield task, 0 if task in missing else None
        if not open_tasks:
            return
        loaded = load_run(run.path)
        with tempfile.TemporaryDirectory() as folder:
            prepare_corpus(self.data, loaded.tokenizer, Path(folder), loaded.max_length)
            subject = Subject.read(loaded.model.to(self.device), Corpus.open(Path(folder)), run.kind)
            for task in open_tasks:
                common = {**heads[task], "num_sentences": len(subject.corpus), "commit": self.commit}
                rows = [{**common, **cells} for cells in MEASURES[task](subject, self)]
                replace_rows(self.out / TABLES[task], rows)
                yield task, len(rows)

    def classify(
        self, runs: Sequence[FinishedRun], parts: LabelledParts, *, name: str, num_seeds: int
    ) -> Iterator[tuple[str, int | None]]:
        """Train classifiers on the latents of runs and write their rows; those of the references first.

        Args:
            runs: The runs; averaged word vectors are those of the first.
            parts: Labelled texts.
            name: What they are called in the table.
            num_seeds: Classifiers for each kind of features.

        Yields:
            Each run's name, as `measure` yields tasks.

        Raises:
            SettingsError: If `num_seeds` is below 1.
            CheckpointError: If a run cannot be loaded.
            CorpusError: If the labels do not suffice, or the table is another one.
        """
        require_some(num_seeds=num_seeds)
        common: dict[str, object] = {
            "input": name,
            "input_sha256": parts.sha256[:SHORT],
            "num_labels": len(set(parts.train.labels)),
            "num_train": len(parts.train),
            "num_dev": len(parts.dev),
            "num_seeds": num_seeds,
            "seed": self.seed,
        }
        nothing = dict.fromkeys(runs[0].described(), "")
        reference = {**nothing, "run": REFERENCE, "created": runs[0].described()["created"], **common}
        heads = [reference, *({**run.described(), **common} for run in runs if run.kind.features)]
        with_features = [runs[0], *(run for run in runs if run.kind.features)]
        for head, run in zip(heads, with_features, strict=True):
            if not self.again and self._rows("classify", head):
                yield str(head["run"]), None
                continue
            loaded = load_run(run.path)
            if head is reference:
                measured = classify_references(loaded, parts, num_seeds=num_seeds, seed=self.seed)
            else:
                measured = classify_run(loaded, parts, run.kind, num_seeds=num_seeds, seed=self.seed)
            rows = [{**head, "commit": self.commit, **cells} for cells in measured]
            replace_rows(self.out / TABLES["classify"], rows)
            yield str(head["run"]), len(rows)

    def _rows(self, task: str, head: Cells) -> Sequence[Cells]:
        return rows_of(read_rows(self.out / TABLES[task]), head)

    def _head(self, run: FinishedRun, task: str) -> dict[str, object]:
        """Return the cells that a measurement depends on."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in self.data)).hexdigest()
        names = "+".join(path.name for path in self.data)
        settings: dict[str, dict[str, object]] = {
            "perplexity": {"seed": self.seed, "num_draws": self.num_draws},
            "spoil": {"num_spoiled": self.num_spoiled},
        }
        return {**run.described(), "input": names, "input_sha256": digest[:SHORT], **settings.get(task, {})}


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that is being measured, its sentences read once.

    Attributes:
        model: In evaluation mode.
        corpus: The sentences.
        kind: How its latents are measured.
        encoded: The sentences as the encoder reads them.
        readings: What can be read off them.
    """

    model: Autoencoder
    corpus: Corpus
    kind: Kind
    encoded: EncodedCorpus
    readings: Mapping[str, Float[Tensor, "N Z"]]

    @classmethod
    def read(cls, model: Autoencoder, corpus: Corpus, kind: Kind) -> "Subject":
        """Encode a corpus."""
        encoded = encode_corpus(model, corpus)
        return cls(model, corpus, kind, encoded, read_latents(model, encoded))

    def decoded(self) -> tuple[str, Float[Tensor, "N Z"]]:
        """Return name and values of the reading that the model decodes from."""
        name = self.kind.spoiled[0]
        return name, self.readings[name]


def _perplexity(subject: Subject, experiment: Experiment) -> Iterator[Cells]:
    likelihood = Likelihood(subject.model, subject.corpus)
    yield measure_perplexity(likelihood, subject.encoded, num_draws=experiment.num_draws, seed=experiment.seed)


def _spoil(subject: Subject, experiment: Experiment) -> Iterator[Cells]:
    chosen = spread_evenly(len(subject.corpus), experiment.num_spoiled)
    likelihood = Likelihood(subject.model, subject.corpus, chosen)
    for reading in subject.kind.spoiled:
        values = subject.readings[reading]
        yield from spoil(likelihood, values[torch.from_numpy(chosen).to(values.device)], reading)


def _means(subject: Subject, experiment: Experiment) -> Iterator[Cells]:
    for reading in subject.kind.spoiled:
        yield from describe_dimensions(subject.readings[reading], reading)


def _covariance(subject: Subject, experiment: Experiment) -> Iterator[Cells]:
    reading, values = subject.decoded()
    yield from covariance_rows(values, reading)


MEASURES: Mapping[str, Callable[[Subject, Experiment], Iterator[Cells]]] = {
    "perplexity": _perplexity,
    "spoil": _spoil,
    "means": _means,
    "covariance": _covariance,
}
"""Task to the rows, without their head, that it makes of a run."""
