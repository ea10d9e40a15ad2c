"""Every task by its name: what it needs, and how a system is measured on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from resay.engine import ParaphraseService
from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.paraphrase.judge import MiniLmJudge
from resay.evaluation.probes import PROBES, ProbeMaterial, evaluate_probe, paraphrase_with, read_sentences
from resay.evaluation.reconstruction import evaluate_reconstruction
from resay.evaluation.similarity import GradedPairs, build_pairs, evaluate_similarity
from resay.evaluation.sts import read_sts
from resay.evaluation.subjects import Subject
from resay.evaluation.transfer import TRANSFER_TASKS, evaluate_task, snli_is_subset
from resay.fitting import load_run

NUM_RECONSTRUCTIONS = 2000
STS_FILE = Path("STS", "STSBenchmark", "sts-test.csv")
DATA, TEXT, PAIRS, RUN = "--data DIR", "--text FILE", "--pairs FILE", "a run folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What tasks are measured on; what one does not need may be missing.

    Attributes:
        data: SentEval's folder, data/downstream.
        text: Sentences that no system was trained on, one a line.
        pairs: Graded pairs of that text; made with MiniLM if there is no such file yet.
        seed: Of classifiers and probes.
        examples: Sentences whose reconstructions are written down.
        out: Folder for those.
    """

    data: Path | None = None
    text: Path | None = None
    pairs: Path | None = None
    seed: int = 0
    examples: Sequence[str] = ()
    out: Path | None = None

    def lacks(self, need: str) -> bool:
        """Return whether something that a task needs is missing."""
        return {DATA: self.data, TEXT: self.text, PAIRS: self.pairs}.get(need, self) is None


@dataclass(frozen=True, slots=True)
class Task:
    """What systems are measured on.

    Attributes:
        needs: Flags of `training/evaluate.py` that it does not do without, or "a run folder".
        measure: Returns the values of its metrics.
        once: Whether it is one figure for all readings of a model.
    """

    needs: tuple[str, ...]
    measure: Callable[[Subject, Material], Mapping[str, float]]
    once: bool = False


def _transfer(name: str, subject: Subject, material: Material) -> Mapping[str, float]:
    assert material.data is not None
    return evaluate_task(name, subject.embed, material.data, material.seed)


def _similarity(subject: Subject, material: Material) -> Mapping[str, float]:
    assert material.text is not None
    assert material.pairs is not None
    if not material.pairs.exists():
        build_pairs(material.text, MiniLmJudge.open()).save(material.pairs)
    pairs = GradedPairs.open(material.pairs, material.text)
    return evaluate_similarity(pairs, subject.embed, seed=material.seed)


def _probe(name: str, subject: Subject, material: Material) -> Mapping[str, float]:
    sts = material.data / STS_FILE if material.data else None
    paraphrase = None
    if subject.folder is not None and subject.exported:
        paraphrase = paraphrase_with(ParaphraseService.open(subject.folder), seed=material.seed)
    found = ProbeMaterial(
        sentences=read_sentences(material.text) if material.text else (),
        sts_pairs=read_sts(sts) if sts and sts.is_file() else (),
        paraphrase=paraphrase,
        seed=material.seed,
    )
    return evaluate_probe(name, subject, found)


def _reconstruction(subject: Subject, material: Material) -> Mapping[str, float]:
    assert subject.folder is not None
    assert material.text is not None
    loaded = load_run(subject.folder)
    report = evaluate_reconstruction(
        loaded, [material.text], material.examples, num_reconstructions=NUM_RECONSTRUCTIONS
    )
    if material.out is not None:
        text = "\n".join(f"< {source}\n> {output}" for source, output in report.pairs) + "\n"
        (material.out / f"{subject.title}.txt").write_text(text, encoding="utf-8")
    return {
        "token_accuracy": report.metrics.token_accuracy,
        "nats_per_token": report.metrics.nats_per_token,
        "exact_reconstruction": report.metrics.exact_reconstruction,
    }


TEXT_PROBES = ("length", "word-content")

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        **{name: Task((DATA,), partial(_transfer, name)) for name in TRANSFER_TASKS},
        "yelp-similarity": Task((TEXT, PAIRS), _similarity),
        **{name: Task((TEXT,) if name in TEXT_PROBES else (), partial(_probe, name)) for name in PROBES},
        "reconstruction": Task((TEXT, RUN), _reconstruction, once=True),
    }
)
"""Every task by name."""

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({"paper": ("mrpc", "sick-e", "snli"), "all": tuple(TASKS)})
"""Names that stand for several tasks."""


def choose_tasks(names: Iterable[str], material: Material) -> tuple[list[str], list[str]]:
    """Return the tasks that names stand for, and those of groups that are left out with what they lack.

    Raises:
        SettingsError: If there is no such task, or something lacks that a task named by itself needs.
    """
    chosen: dict[str, None] = {}
    left_out: dict[str, None] = {}
    for name in names:
        if name not in TASKS and name not in GROUPS:
            raise SettingsError(unknown_name_message("task", name, [*TASKS, *GROUPS]))
        for task in GROUPS.get(name, (name,)):
            lacking = [need for need in TASKS[task].needs if material.lacks(need)]
            if not lacking:
                chosen[task] = None
            elif name in GROUPS:
                left_out[f"{task} (needs {', '.join(lacking)})"] = None
            else:
                raise SettingsError(f"task {task} needs {', '.join(lacking)}")
    return list(chosen), list(left_out)


def note_of(task: str, subject: Subject, material: Material) -> str:
    """Return what has to be said wherever a figure stands.

    That is SNLI's smaller training part, and a seed of the task that is neither the usual one nor the system's own.
    """
    subset = task == "snli" and material.data is not None and snli_is_subset(material.data)
    notes = ["20k train pairs"] if subset else []
    if material.seed and not subject.title.endswith(f"-seed{material.seed}"):
        notes.append(f"seed of the task {material.seed}")
    return ", ".join(notes)
