"""Word vectors as ``.npz``: the arrays ``words`` and ``vectors``, never with pickled objects."""

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from resay.errors import VectorsError
from resay.vectors.word_vectors import WordVectors, rows_not_finite

EXPECTED = "an array `words` of strings [W] and an array `vectors` of fp16 or fp32 [W, E]"


def read_npz(path: Path, *, only: Collection[str] | None = None) -> WordVectors:
    """Read ``words`` and ``vectors`` (fp16 or fp32; returned as fp32).

    Args:
        path: The file.
        only: Keep these words alone; the file's own arrays are loaded first all the same.

    Raises:
        VectorsError: The arrays are not there, do not fit each other, hold objects or values not finite.
    """
    words, vectors = _load(path)
    _check(path, words, vectors)
    wanted = None if only is None else frozenset(only)
    rows: dict[str, int] = {}
    num_duplicates = 0
    for row, word in enumerate(words.tolist()):
        if wanted is not None and word not in wanted:
            continue
        if word in rows:
            num_duplicates += 1
        else:
            rows[word] = row
    matrix = vectors if len(rows) == len(vectors) else vectors[list(rows.values())]
    matrix = matrix.astype(np.float32, order="C", copy=False)
    bad_rows = rows_not_finite(matrix)
    if bad_rows:
        word = list(rows)[bad_rows[0]]
        raise VectorsError(
            f"{path}, row {rows[word]}: found NaN or an infinite value for {word!r}; expected finite numbers"
        )
    return WordVectors(list(rows), matrix, None, num_duplicates)


def _load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        # Opened here, since np.load() leaves the file open when it is no sound zip.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            missing = [name for name in ("words", "vectors") if name not in arrays]
            if missing:
                raise VectorsError(f"{path}: found arrays {sorted(arrays)}; expected {EXPECTED}")
            return arrays["words"], arrays["vectors"]
    except VectorsError:
        raise
    except (ValueError, OSError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise VectorsError(f"{path}: cannot be read ({error}); expected {EXPECTED}") from error


def _check(path: Path, words: np.ndarray, vectors: np.ndarray) -> None:
    if words.dtype.kind != "U" or vectors.dtype not in (np.float16, np.float32):
        raise VectorsError(
            f"{path}: found `words` of {words.dtype} and `vectors` of {vectors.dtype}; expected {EXPECTED}"
        )
    if words.ndim != 1 or vectors.ndim != 2 or len(words) != len(vectors):
        raise VectorsError(
            f"{path}: found `words` of shape {list(words.shape)} and `vectors` of shape {list(vectors.shape)}"
            f"; expected {EXPECTED}"
        )
    if vectors.size == 0:
        raise VectorsError(f"{path}: the file is empty: `vectors` is {list(vectors.shape)}; expected {EXPECTED}")
