"""Pairs of sentences with a judge's grades, kept as numbers of lines: no sentence stands in the file.

Axes: K pairs.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.corpus import read_lines
from resay.errors import CorpusError
from resay.vectors.atomic_file import atomic_file

FORMAT = 1
DIGITS = 4
"""Of a grade; a judge's rounding errors are below."""


@dataclass(frozen=True, eq=False)
class GradedPairs:
    """Pairs of sentences of one text file, and how alike a judge finds them.

    Attributes:
        sentences: Both sentences of each pair.
        lines: Their numbers in the file, from 0; lines of white space do not count.
        grades: The judge's cosine.
        sources: Where each pair comes from: the first of `SOURCES` that named it.
        text_sha256: Of the text file.
        judge: Which judge graded.
        seed: What the pairs were drawn with.
    """

    sentences: tuple[tuple[str, str], ...]
    lines: Int64[ndarray, "K 2"]
    grades: Float64[ndarray, " K"]
    sources: tuple[str, ...]
    text_sha256: str
    judge: str
    seed: int

    def __len__(self) -> int:
        return len(self.grades)

    def save(self, path: Path) -> None:
        """Write numbers of lines, grades and sources as JSON; the file is whole at any moment."""
        pairs = zip(self.lines.tolist(), self.grades.tolist(), self.sources, strict=True)
        head = {"format": FORMAT, "text_sha256": self.text_sha256, "judge": self.judge, "seed": self.seed}
        lines = ",\n".join(orjson.dumps([*numbers, grade, source]).decode() for numbers, grade, source in pairs)
        content = orjson.dumps(head).decode().removesuffix("}") + f',"pairs":[\n{lines}\n]}}\n'
        with atomic_file(path) as temporary:
            temporary.write_text(content, encoding="utf-8")

    @classmethod
    def open(cls, path: Path, text: Path) -> "GradedPairs":
        """Read a file that `save` wrote, and its sentences from the text file that it was made of.

        Raises:
            CorpusError: If either is missing or damaged, or the text is another one.
        """
        try:
            content = orjson.loads(path.read_bytes())
            fields = _check(content)
        except FileNotFoundError:
            raise CorpusError(f"{path}: no such file; make it with build_pairs") from None
        except (ValueError, TypeError, KeyError) as error:
            raise CorpusError(f"{path}: is no file of graded pairs ({error}); make it again with build_pairs") from None
        found = sha256_of(text)
        if found != fields["text_sha256"]:
            raise CorpusError(
                f"{text}: is not the text that the pairs of {path} are of (sha256 {found[:12]}…, "
                f"expected {fields['text_sha256'][:12]}…); name that text, or make pairs of this one with build_pairs"
            )
        texts = list(read_lines([text]))
        numbers: Int64[ndarray, "K 2"] = np.array([pair[:2] for pair in content["pairs"]], dtype=np.int64)
        if numbers.min() < 0 or numbers.max() >= len(texts):
            raise CorpusError(f"{path}: names line {numbers.max()} of {text}, which has {len(texts)}; make it again")
        return cls(
            sentences=tuple((texts[first], texts[second]) for first, second in numbers.tolist()),
            lines=numbers,
            grades=np.array([pair[2] for pair in content["pairs"]], dtype=np.float64),
            sources=tuple(pair[3] for pair in content["pairs"]),
            **fields,
        )


def _check(content: Any) -> dict[str, Any]:  # noqa: ANN401  whatever a file holds
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"format {FORMAT} is expected")
    for pair in content["pairs"]:
        first, second, grade, source = pair
        if not (isinstance(first, int) and isinstance(second, int) and isinstance(source, str)):
            raise ValueError(f"a pair must be two numbers of lines, a grade and a source; got {pair}")
        float(grade)
    if not content["pairs"]:
        raise ValueError("it holds no pair")
    return {"text_sha256": str(content["text_sha256"]), "judge": str(content["judge"]), "seed": int(content["seed"])}


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes.

    Raises:
        CorpusError: If there is no such file.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; name a text file, one sentence a line")
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
