"""Opening whatever is evaluated, by a path or a name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from resay.engine.model_folder import CARD_FILE
from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.systems.exported_system import ExportedSystem
from resay.evaluation.systems.minilm import minilm
from resay.evaluation.systems.pooled_words import average, average_content, maximum, sif, sif_pc
from resay.evaluation.systems.random_lstm import random_lstm
from resay.evaluation.systems.run_system import EMBEDDING, RunSystem
from resay.evaluation.systems.sources import Sources
from resay.evaluation.systems.system import System

BASELINES: Mapping[str, Callable[[Sources], System]] = MappingProxyType(
    {
        "average": average,
        "average-content": average_content,
        "sif": sif,
        "sif-pc": sif_pc,
        "maximum": maximum,
        "random-lstm": random_lstm,
        "minilm": minilm,
    }
)
"""Systems that nobody trained here; each takes from the sources what it needs."""


def open_system(
    path_or_name: str | Path,
    *,
    reading: str = EMBEDDING,
    vectors: Path | None = None,
    lemmas: Path | None = None,
    text: Path | None = None,
    seed: int = 0,
) -> System:
    """Open a run folder, an exported folder or a baseline.

    Args:
        path_or_name: A key of `BASELINES`, or a folder of training/train.py or export/to_onnx.py.
        reading: What is read off a model; baselines have one alone.
        vectors: Word vectors, for baselines.
        lemmas: Base forms of words that `vectors` lacks.
        text: Text whose words are counted, for sif and sif-pc.
        seed: Of what a baseline draws.

    Raises:
        SettingsError: If it is none of these, or a reading or a file is missing.
        CheckpointError: If a run folder is damaged.
        ModelFolderError: If an exported folder is.
        VectorsError: If a baseline's word vectors cannot be read.
        CorpusError: If a baseline's text cannot be.
        MissingExtraError: If a baseline's package is not installed.
    """
    given = str(path_or_name)
    if given in BASELINES:
        return BASELINES[given](Sources(vectors=vectors, lemmas=lemmas, text=text, seed=seed))
    folder = Path(path_or_name)
    if not folder.is_dir():
        names = unknown_name_message("a system", given, BASELINES)
        raise SettingsError(f"{names}; or the folder of a run or of an exported model, and there is no such folder")
    if (folder / CARD_FILE).is_file():
        return ExportedSystem(folder, reading)
    return RunSystem(folder, reading)
