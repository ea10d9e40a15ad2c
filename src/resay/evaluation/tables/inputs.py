"""What runs must have been trained on: hashes of corpora and word vectors, as training would record them.

OUT/inputs/KEY.json     kept, as a large corpus takes half a minute to read
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from resay.corpus import prepare_corpus, read_lines
from resay.errors import CorpusError
from resay.evaluation.tables.runs import InputHashes, TableRun
from resay.fitting.preparation import FULL_BITS, TrainingFiles, read_lemmas, rounded, scaled
from resay.fitting.record import versions, write_atomically
from resay.text import Tokenizer, count_words
from resay.vectors import align, read_vectors

FOLDER = "inputs"


class Inputs:
    """Finds the hashes of what a run has to be trained on.

    Args:
        given: Training and dev files, and those of vectors and base forms if there are any.
        out: The folder of the runs, where what was found is kept.

    Raises:
        CorpusError: If a file is missing.
    """

    def __init__(self, given: TrainingFiles, out: Path) -> None:
        self._given = given
        self._folder = out / FOLDER
        self._version = versions()["resay"]
        self._digests = {path: _digest(path) for path in _all_files(given)}
        self._tokenizers: dict[tuple[int, int], Tokenizer] = {}

    def hashes(self, run: TableRun) -> InputHashes:
        """Return the hashes for a run.

        Raises:
            CorpusError: If a text file cannot be trained on.
            VectorsError: If the vectors cannot be read.
        """
        files, settings = run.files(self._given), run.settings
        texts = [*files.train, *files.dev]
        about: list[object] = [len(files.train), settings.min_count, settings.max_vocab_size, settings.max_length]
        corpora = self._kept(texts, about, lambda: self._corpora(files, run))
        if files.vectors is None:
            return InputHashes(corpora["train"], corpora["dev"], None)
        sources = [*texts, files.vectors, *([files.lemmas] if files.lemmas else [])]
        about += [settings.word_vector_norm, settings.word_vector_bits, settings.seed, bool(files.lemmas)]
        vectors = self._kept(sources, about, lambda: self._vectors(files, run))
        return InputHashes(corpora["train"], corpora["dev"], vectors["sha256"])

    def _kept(self, sources: Sequence[Path], about: Sequence[object], find: Callable[[], Any]) -> dict[str, str]:
        """Return what is found in these files with these settings, from the folder if it was found before."""
        key = json.dumps([self._version, [self._digests[path] for path in sources], about])
        kept = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
        try:
            found: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = find()
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(kept, json.dumps(found, indent=2) + "\n")
        return found

    def _tokenizer(self, files: TrainingFiles, run: TableRun) -> Tokenizer:
        sizes = (run.settings.min_count, run.settings.max_vocab_size)
        if sizes not in self._tokenizers:
            counts = count_words(read_lines(files.train))
            self._tokenizers[sizes] = Tokenizer.from_counts(counts, min_count=sizes[0], max_size=sizes[1] or None)
        return self._tokenizers[sizes]

    def _corpora(self, files: TrainingFiles, run: TableRun) -> dict[str, str]:
        tokenizer = self._tokenizer(files, run)
        sides = {"train": files.train, "dev": files.dev}
        with tempfile.TemporaryDirectory() as folder:
            return {
                side: prepare_corpus(paths, tokenizer, Path(folder), run.settings.max_length).sha256
                for side, paths in sides.items()
            }

    def _vectors(self, files: TrainingFiles, run: TableRun) -> dict[str, str]:
        words, lemmas = self._tokenizer(files, run).words, read_lemmas(files.lemmas) or {}
        wanted = {*words, *(lemmas[word] for word in words if word in lemmas)}
        assert files.vectors is not None
        aligned = align(read_vectors(files.vectors, only=wanted), words, seed=run.settings.seed, lemmas=lemmas)
        matrix = scaled(aligned.matrix, run.settings.word_vector_norm)
        if run.settings.word_vector_bits < FULL_BITS:
            matrix = rounded(matrix)
        return {"sha256": hashlib.sha256(matrix.tobytes()).hexdigest()}


def _all_files(given: TrainingFiles) -> list[Path]:
    return [*given.train, *given.dev, *(path for path in (given.vectors, given.lemmas) if path)]


def _digest(path: Path) -> str:
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; runs are held against the files that they were trained on")
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
