"""Texts with labels, from files that name them: what a classifier is trained and measured on."""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resay.corpus import read_lines
from resay.errors import CorpusError, SettingsError


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Texts, each with its label.

    Attributes:
        texts: On one line each, distinct.
        labels: As many.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def chosen(self, places: np.ndarray) -> "LabelledTexts":
        """Return those with these numbers."""
        numbers = places.tolist()
        return LabelledTexts(tuple(self.texts[one] for one in numbers), tuple(self.labels[one] for one in numbers))


def file_of(source: str) -> Path:
    """Return the file of ``LABEL=FILE`` or of ``FILE.csv``."""
    return Path(source.partition("=")[2]) if _has_label(source) else Path(source)


def _has_label(source: str) -> bool:
    return "=" in source and not Path(source).is_file()


def _read_csv(path: Path) -> list[tuple[str, str]]:
    """Return the rows "text",label of a file, whose texts may have several lines."""
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; name LABEL=FILE, one sentence a line, or a csv file of text,label")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise CorpusError(f"{path}: cannot be read as csv ({error})") from None
    pairs = []
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise CorpusError(
                f"{path}, row {number}: expected two columns, text and label; found {len(row)}. "
                "A file of sentences is named LABEL=FILE"
            )
        pairs.append((" ".join(row[0].split()), row[1].strip()))
    return pairs


def _read(source: str) -> list[tuple[str, str]]:
    if not _has_label(source):
        return _read_csv(Path(source))
    label, _, path = source.partition("=")
    if not (label and path):
        raise SettingsError(f"labelled text must be given as LABEL=FILE, or as a csv file; got {source!r}")
    return [(line, label) for line in read_lines([Path(path)])]


def read_labelled(sources: Sequence[str], leave_out: Sequence[Path] = ()) -> LabelledTexts:
    """Return the distinct texts of files, in their order; those that have two labels somewhere are left out.

    Args:
        sources: ``LABEL=FILE`` for sentences, one a line, or ``FILE.csv`` for rows of text and label; both may be .gz.
        leave_out: Files of sentences, none of which is returned.

    Raises:
        CorpusError: If a file cannot be read, or holds something else.
        SettingsError: If a source is named wrongly.
    """
    unwanted = {alike(line) for line in read_lines(leave_out)}
    labels: dict[str, str] = {}
    ambiguous: set[str] = set()
    for source in sources:
        for text, label in _read(source):
            if labels.setdefault(text, label) != label:
                ambiguous.add(text)
    kept = {
        text: label for text, label in labels.items() if text and text not in ambiguous and alike(text) not in unwanted
    }
    return LabelledTexts(tuple(kept), tuple(kept.values()))


def alike(text: str) -> str:
    """Return what two texts share that differ in case and white space only."""
    return " ".join(text.split()).casefold()


def split_labelled(
    texts: LabelledTexts, *, num_train: int, num_dev: int, seed: int
) -> tuple[LabelledTexts, LabelledTexts]:
    """Draw a training and a dev part that share no text.

    Raises:
        CorpusError: If there are fewer texts than that.
    """
    if len(texts) < num_train + num_dev:
        raise CorpusError(
            f"{len(texts)} texts are left after leaving out repeated and unwanted ones; {num_train} to train on and "
            f"{num_dev} to measure on were asked for: ask for fewer (--num-train, --num-dev)"
        )
    drawn = np.random.default_rng(seed).permutation(len(texts))[: num_train + num_dev]
    return texts.chosen(np.sort(drawn[:num_train])), texts.chosen(np.sort(drawn[num_train:]))


def without(texts: LabelledTexts, others: LabelledTexts) -> LabelledTexts:
    """Return the texts that do not stand among others."""
    unwanted = {alike(text) for text in others.texts}
    kept = [place for place, text in enumerate(texts.texts) if alike(text) not in unwanted]
    return texts.chosen(np.array(kept, np.int64))
