"""Words with one vector each, and a model's subword vectors where it has them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from resay.errors import VectorsError
from resay.vectors.atomic_file import atomic_file

Subword = Callable[[str], np.ndarray]


def rows_not_finite(matrix: Float32[np.ndarray, "W E"]) -> list[int]:
    """Return the rows that hold NaN or an infinite value.

    A row's sum tells, since float64 cannot overflow on float32 values; a table of booleans would take a
    quarter of the matrix's memory.
    """
    with np.errstate(invalid="ignore"):
        sums = matrix.sum(axis=1, dtype=np.float64)
    rows: list[int] = np.flatnonzero(~np.isfinite(sums)).tolist()
    return rows


@dataclass(frozen=True)
class WordVectors:
    """Words W and their vectors of size E.

    Attributes:
        words: The words in the order of the rows, each once.
        matrix: One row per word, in the source's own scale (nothing is normalised or centred).
        subword: Gives a float32 vector of size E for *any* word out of its character n-grams; None when the
            source has none (every text file and ``.npz``).
        num_duplicates: Rows of the source left out because their word had already been seen.
    """

    words: Sequence[str]
    matrix: Float32[np.ndarray, "W E"]
    subword: Subword | None = None
    num_duplicates: int = 0

    def __post_init__(self) -> None:
        if len(self.words) != len(self.matrix):
            raise VectorsError(f"{len(self.words)} words but {len(self.matrix)} rows; give one row per word")

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @property
    def word_vector_size(self) -> int:
        """Size E of every vector."""
        return int(self.matrix.shape[1])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> Float32[np.ndarray, " E"]:
        """Return the vector of a word of ``words``; KeyError for any other, subwords are not asked."""
        vector: np.ndarray = self.matrix[self.index[word]]
        return vector

    def save_npz(self, path: str | PathLike[str], *, half: bool = False) -> None:
        """Write ``words`` and ``vectors`` to ``path`` at once or not at all; equal content gives equal bytes.

        Subword vectors do not fit into this format: ``align`` first, or keep the ``.bin`` file, where words
        outside ``words`` matter.

        Args:
            path: Must end in ``.npz``.
            half: Store fp16, half the size and about three significant digits.

        Raises:
            VectorsError: The name does not end in ``.npz``, or a value does not fit into fp16.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise VectorsError(f"{path}: word vectors are saved under a name that ends in .npz")
        matrix = self.matrix
        if half:
            with np.errstate(over="ignore"):
                matrix = matrix.astype(np.float16)
            if not np.isfinite(matrix).all():
                raise VectorsError(f"{path}: a value exceeds fp16's largest, 65504; save with half=False")
        with atomic_file(path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, words=np.array(self.words, dtype=np.str_), vectors=matrix)
