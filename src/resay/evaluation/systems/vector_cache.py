"""Sentence vectors kept on disk: a system embeds the texts of a task once, however often the task is run."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.errors import ShapeError
from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.system import System
from resay.vectors.atomic_file import atomic_file

DIGITS = 16
"""Hex digits of each hash in a file's name."""


class VectorCache:
    """A folder of files SYSTEM-TEXTS-CONTENT.npy, each part of the name the beginning of a hash.

    A file whose content has another hash than its name says is damaged, and made anew.

    Args:
        folder: Where they are; made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def embed(self, system: System, texts: Sequence[str]) -> Float32[ndarray, "N D"]:
        """Return a system's vector for each text, in their order; each distinct text is embedded once.

        Raises:
            ShapeError: If the system does not give one vector for each text.
        """
        distinct = sorted(set(texts))
        beginning = f"{system.sha256[:DIGITS]}-{digest_of(distinct)[:DIGITS]}"
        vectors = self._read(beginning)
        if vectors is None:
            vectors = np.ascontiguousarray(system.embed(distinct), np.float32)
            if vectors.ndim != 2 or len(vectors) != len(distinct):
                raise ShapeError(
                    f"{system.name} must give one vector for each of {len(distinct)} texts; "
                    f"got the shape {vectors.shape}"
                )
            self._write(beginning, vectors)
        place = {text: number for number, text in enumerate(distinct)}
        found: ndarray = vectors[[place[text] for text in texts]]
        return found

    def _read(self, beginning: str) -> Float32[ndarray, "N D"] | None:
        for path in sorted(self.folder.glob(f"{beginning}-*.npy")):
            content = path.read_bytes()
            if path.stem.endswith(f"-{_hash(content)}"):
                vectors: ndarray = np.load(io.BytesIO(content), allow_pickle=False)
                return vectors
        return None

    def _write(self, beginning: str, vectors: Float32[ndarray, "N D"]) -> None:
        stream = io.BytesIO()
        np.save(stream, vectors, allow_pickle=False)
        content = stream.getvalue()
        path = self.folder / f"{beginning}-{_hash(content)}.npy"
        with atomic_file(path) as temporary:
            temporary.write_bytes(content)
        for other in self.folder.glob(f"{beginning}-*.npy"):
            if other != path:
                other.unlink(missing_ok=True)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
