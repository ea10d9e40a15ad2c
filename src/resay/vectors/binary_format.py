"""fastText's own binary format ``.bin``, read through the ``fasttext`` package."""

import struct
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from resay.errors import MissingExtraError, VectorsError
from resay.vectors.word_vectors import Subword, WordVectors

MAGIC = 793712314
# magic, version; dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate; t; then the
# dictionary's own size, nwords, nlabels.
HEADER = struct.Struct("<2i12id3i")
SUPERVISED = 3


def import_fasttext() -> ModuleType:
    """Return the module ``fasttext``, imported at first use since few phases need it.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import fasttext
    except ImportError as error:
        raise MissingExtraError(
            "fastText models need the package fasttext; install it with: pip install 'resay[train]'"
        ) from error
    return fasttext  # type: ignore[no-any-return]


def read_binary(path: Path, *, only: Collection[str] | None = None) -> WordVectors:
    """Read a fastText model (skip-gram, CBOW or supervised; not quantised).

    The matrix holds one row per word, as fastText itself gives it: the mean of the word's own vector and its
    n-grams' vectors. The n-gram table stays where the model has it and is not copied; ``subword`` keeps the
    model in memory (3.2 GB for a published 2M-word model of size 300, besides the matrix).

    Args:
        path: The file.
        only: Compute the rows of these words alone.

    Raises:
        VectorsError: No fastText file, or truncated. fastText itself would load a truncated file without a
            word and return whatever stood in memory.
        MissingExtraError: The package ``fasttext`` is not installed.
    """
    _check_header(path)
    fasttext = import_fasttext()
    try:
        model = fasttext.load_model(str(path))
    except (ValueError, RuntimeError, MemoryError) as error:
        raise VectorsError(f"{path}: fastText cannot load it ({error})") from error
    return vectors_of_model(model, only=only)


def vectors_of_model(model: Any, *, only: Collection[str] | None = None) -> WordVectors:  # noqa: ANN401
    """Return the vectors of a loaded or freshly trained fastText model."""
    found: list[str] = model.get_words(on_unicode_error="replace")
    unique = dict.fromkeys(found)
    num_duplicates = len(found) - len(unique)
    wanted = None if only is None else frozenset(only)
    words = [word for word in unique if wanted is None or word in wanted]
    matrix = np.empty((len(words), model.get_dimension()), dtype=np.float32)
    for row, word in enumerate(words):
        matrix[row] = model.get_word_vector(word)
    return WordVectors(words, matrix, _subword_of_model(model), num_duplicates)


def _subword_of_model(model: Any) -> Subword | None:  # noqa: ANN401
    settings = model.f.getArgs()
    if settings.maxn < 1 or settings.bucket < 1:
        return None

    def subword(word: str) -> np.ndarray:
        return np.asarray(model.get_word_vector(word), dtype=np.float32)

    return subword


def _check_header(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(HEADER.size)
    num_bytes = path.stat().st_size
    if not num_bytes:
        raise VectorsError(f"{path}: the file is empty; expected a fastText model")
    magic = int.from_bytes(start[:4], "little")
    if magic != MAGIC or len(start) < HEADER.size:
        raise VectorsError(
            f"{path}: found a file that starts with {start[:12]!r}; expected a fastText model. "
            "word2vec's binary format is not read: save it as text (.vec) first"
        )
    _, _, dim, _, _, _, _, _, _, kind, bucket, _, _, _, _, _, num_words, num_labels = HEADER.unpack(start)
    num_output_rows = num_labels if kind == SUPERVISED else num_words
    num_expected = HEADER.size + 4 * dim * (num_words + bucket + num_output_rows)
    if num_bytes < num_expected:
        raise VectorsError(
            f"{path}: found {num_bytes} bytes; its header ({num_words} words, {bucket} buckets, size {dim}) "
            f"needs {num_expected} or more: truncated, so get it again, or quantised, which is not supported"
        )
