"""The tasks by name, and their evaluation.

Protocol, features and splits of each are SentEval's (Conneau and Kiela 2018, https://arxiv.org/abs/1803.05449):

========  ==========================  =======================================================================
mrpc      |u − v|, u · v              search by 10 folds of the training part; accuracy and F1
sick-e    |u − v|, u · v              search by the dev part
snli      u, v, u · v, |u − v|        not regularised; ``accuracy_pair_features`` has |u − v|, u · v alone
sick-r    |u − v|, u · v              `resay.evaluation.transfer.relatedness`, and the plain cosine
sts-b     |u − v|, u · v              likewise
mr cr subj mpqa   u                   10 folds, in each a search by 10 folds
trec      u                           search by 10 folds of the training part
sst2 sst5 u                           search by the dev part
========  ==========================  =======================================================================
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.errors import SettingsError, ShapeError, unknown_name_message
from resay.evaluation.transfer import measures, pair_files, sentence_files
from resay.evaluation.transfer.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER, Classifier
from resay.evaluation.transfer.pair_files import Parts

Embed = Callable[[Sequence[str]], Float32[ndarray, "N D"]]


@dataclass(frozen=True, slots=True)
class TransferTask:
    """A task.

    Attributes:
        read: Reads its parts from SentEval's folder.
        measure: Vectors, classifier and seed to figures by metric.
        has_classes: Whether labels are predicted, rather than scores.
    """

    read: Callable[[Path], Parts]
    measure: Callable[[measures.EmbeddedParts, Classifier, int], measures.Figures]
    has_classes: bool = True


TRANSFER_TASKS: Mapping[str, TransferTask] = MappingProxyType(
    {
        "mrpc": TransferTask(pair_files.read_mrpc, measures.measure_paraphrase),
        "sick-e": TransferTask(pair_files.read_sick_entailment, measures.measure_entailment),
        "snli": TransferTask(pair_files.read_snli, measures.measure_inference),
        "sick-r": TransferTask(pair_files.read_sick_relatedness, measures.measure_relatedness, has_classes=False),
        "sts-b": TransferTask(pair_files.read_sts_benchmark, measures.measure_relatedness, has_classes=False),
        "mr": TransferTask(sentence_files.read_mr, measures.measure_by_inner_folds),
        "cr": TransferTask(sentence_files.read_cr, measures.measure_by_inner_folds),
        "subj": TransferTask(sentence_files.read_subj, measures.measure_by_inner_folds),
        "mpqa": TransferTask(sentence_files.read_mpqa, measures.measure_by_inner_folds),
        "trec": TransferTask(sentence_files.read_trec, measures.measure_by_folds),
        "sst2": TransferTask(sentence_files.read_sst_binary, measures.measure_by_split),
        "sst5": TransferTask(sentence_files.read_sst_fine, measures.measure_by_split),
    }
)


def evaluate_task(
    name: str, embed: Embed, data: Path, seed: int, classifier: str = DEFAULT_CLASSIFIER
) -> Mapping[str, float]:
    """Measure sentence vectors on a task.

    Args:
        name: A key of `TRANSFER_TASKS`.
        embed: Gives a vector for each text; called once, with each text of the task once.
        data: SentEval's folder, data/downstream, which holds MRPC/, SICK/ and so on.
        seed: Decides folds, and first weights and order where there are any.
        classifier: A key of `CLASSIFIERS`.

    Returns:
        Figures by metric: accuracies and F1 in percent, correlations as fractions.

    Raises:
        SettingsError: If there is no such task or classifier.
        CorpusError: If the task's files are missing or malformed.
        ShapeError: If there is not one vector for each text, or a value is no finite number.
    """
    task = find_task(name)
    if classifier not in CLASSIFIERS:
        raise SettingsError(unknown_name_message("classifier", classifier, CLASSIFIERS))
    return task.measure(embedded(task.read(data), embed), CLASSIFIERS[classifier], seed)


def find_task(name: str) -> TransferTask:
    """Return a task.

    Raises:
        SettingsError: If there is none of this name.
    """
    if name not in TRANSFER_TASKS:
        raise SettingsError(unknown_name_message("transfer task", name, TRANSFER_TASKS))
    return TRANSFER_TASKS[name]


def majority(name: str, data: Path) -> Mapping[str, float]:
    """Return the figures of always giving the label that is most frequent in the training part.

    Args:
        name: A key of `TRANSFER_TASKS`.
        data: SentEval's folder.

    Returns:
        Figures as `evaluate_task` names them; none for a task that has scores.

    Raises:
        SettingsError: If there is no such task.
        CorpusError: If the task's files are missing or malformed.
    """
    task = find_task(name)
    if not task.has_classes:
        return {}
    parts = task.read(data)
    labels = parts["test" if "test" in parts else "train"].targets
    given = np.full_like(labels, np.bincount(parts["train"].targets).argmax())
    figures = measures.classification_figures(given, labels)
    return figures | {"f1": measures.f1(given, labels)} if task.measure is measures.measure_paraphrase else figures


def embedded(parts: Parts, embed: Embed) -> measures.EmbeddedParts:
    """Return parts with vectors for texts.

    Raises:
        ShapeError: If there is not one vector for each text, or a value is no finite number.
    """
    texts = list(dict.fromkeys(text for part in parts.values() for column in part.columns for text in column))
    vectors = embed(texts)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise ShapeError(f"embed must return one vector for each of {len(texts)} texts; got the shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise ShapeError(f"embed must return finite numbers; those for {texts[row]!r} are not")
    row_of = {text: row for row, text in enumerate(texts)}
    return {
        name: measures.EmbeddedExamples(
            tuple(vectors[[row_of[text] for text in column]] for column in part.columns), part.targets
        )
        for name, part in parts.items()
    }
