"""Word vectors as text: fastText and word2vec ``.vec`` (with a header line), GloVe ``.txt`` (without)."""

import gzip
import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path

import numpy as np

from resay.errors import VectorsError
from resay.vectors.word_vectors import WordVectors, rows_not_finite

GZIP_MAGIC = b"\x1f\x8b"
NUM_LINES_FOR_SIZE = 64


def read_text(path: Path, *, only: Collection[str] | None = None) -> WordVectors:
    """Read ``word number number …`` lines, plain or gzipped (told by the first bytes, not by the name).

    A first line of exactly two whole numbers is the header ``num_words size``. Without it the size is what
    most of the first 64 lines have. Fields are parted by single spaces and nothing else, because published
    files hold words with no-break spaces; a row is read from the right, because ``glove.840B`` holds words
    such as ``. . .``. Bytes that are no UTF-8 become U+FFFD.

    Args:
        path: The file.
        only: Keep these words alone; the memory needed is theirs and not the file's.

    Raises:
        VectorsError: With file, line, what was found and what is expected.
    """
    reader = _RowReader(path, None if only is None else frozenset(only))
    try:
        with _open(path) as stream:
            reader.read(stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise VectorsError(f"{path}: damaged or truncated gzip file ({error}); get it again") from error
    return reader.finish()


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    with path.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    return gzip.GzipFile(path) if compressed else path.open("rb")


class _RowReader:
    """The state of one pass over a file: rows kept so far and the line each came from."""

    def __init__(self, path: Path, only: frozenset[str] | None) -> None:
        self.path = path
        self.only = only
        self.size = 0
        self.num_rows = 0
        self.num_duplicates = 0
        self.words: dict[str, int] = {}  # word -> its line
        # array grows by realloc: a list of rows to be stacked would need the memory twice.
        self.values = array("f")

    def read(self, stream: Iterable[bytes]) -> None:
        lines = ((number, line.rstrip(b" \r\n")) for number, line in enumerate(stream, start=1))
        filled = ((number, line) for number, line in lines if line)
        first = next(filled, None)
        if first is None:
            raise VectorsError(f"{self.path}: the file is empty; expected lines of a word and its numbers")
        header = _header(first[1])
        if header is not None:
            num_expected, self.size = header
            if self.size < 1:
                raise self._error(first[0], f"header gives vectors of size {self.size}", "1 or more")
            self._read_rows(filled)
            self._check_num_rows(num_expected)
            return
        head = [first, *islice(filled, NUM_LINES_FOR_SIZE - 1)]
        self.size = Counter(line.count(b" ") for _, line in head).most_common(1)[0][0]
        if self.size < 1:
            raise self._error(first[0], f"no numbers after {_shown(first[1])}", "a word and its numbers")
        self._read_rows(chain(head, filled))

    def _read_rows(self, lines: Iterator[tuple[int, bytes]]) -> None:
        for number, line in lines:
            encoded_word, numbers = self._split(number, line)
            self.num_rows += 1
            word = encoded_word.decode("utf-8", errors="replace")
            if self.only is not None and word not in self.only:
                continue
            if word in self.words:
                self.num_duplicates += 1
                continue
            self.words[word] = number
            fields = numbers.split(b" ")
            try:
                self.values.fromlist([float(field) for field in fields])
            except ValueError:
                bad = next(field for field in fields if not _is_number(field))
                raise self._error(number, f"{_shown(bad)} in the row of {word!r}", "a number") from None

    def _split(self, number: int, line: bytes) -> tuple[bytes, bytes]:
        """Part the word from its numbers, counting from the right."""
        num_found = line.count(b" ")
        if num_found == self.size:
            word, _, numbers = line.partition(b" ")
            return word, numbers
        if num_found > self.size:
            word = line.rsplit(b" ", self.size)[0]
            # A word may hold spaces, but a number before the vector means one number too many.
            if not _is_number(word.rsplit(b" ", 1)[-1]):
                return word.rstrip(b" "), line[len(word) + 1 :]
        raise self._error(number, f"{num_found} fields after {_shown(line)}", f"{self.size} numbers")

    def _check_num_rows(self, num_expected: int) -> None:
        if self.num_rows != num_expected:
            raise VectorsError(
                f"{self.path}: line 1 announces {num_expected} rows, the file holds {self.num_rows}; "
                "it may be truncated: get it again, or correct line 1 if you cut the file yourself"
            )

    def finish(self) -> WordVectors:
        if not self.num_rows:
            raise VectorsError(f"{self.path}: a header line but no rows; expected a word and its numbers")
        matrix = np.frombuffer(self.values, dtype=np.float32).reshape(len(self.words), self.size)
        words = list(self.words)
        bad_rows = rows_not_finite(matrix)
        if bad_rows:
            word = words[bad_rows[0]]
            raise self._error(
                self.words[word],
                f"a value that is NaN, infinite or beyond float32 in the row of {word!r}",
                "finite numbers",
            )
        return WordVectors(words, matrix, None, self.num_duplicates)

    def _error(self, number: int, found: str, expected: str) -> VectorsError:
        return VectorsError(f"{self.path}, line {number}: found {found}; expected {expected}")


def _header(line: bytes) -> tuple[int, int] | None:
    fields = line.split(b" ")
    if len(fields) == 2 and fields[0].isdigit() and fields[1].isdigit():
        return int(fields[0]), int(fields[1])
    return None


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _shown(line: bytes, limit: int = 30) -> str:
    text = line.split(b" ", 1)[0][:limit].decode("utf-8", errors="replace")
    return repr(text)
