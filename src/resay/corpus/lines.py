"""Lines of text files, plain or gzipped, with errors that name file and line."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path

from resay.errors import CorpusError


def _open(path: Path) -> BufferedReader | gzip.GzipFile:
    if path.is_dir():
        raise CorpusError(f"{path} is a folder; give text files with one sentence a line, plain or .gz")
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; give text files with one sentence a line, plain or .gz")
    return gzip.GzipFile(path) if path.suffix == ".gz" else path.open("rb")


def read_lines(files: Sequence[Path]) -> Iterator[str]:
    """Yield every line that holds more than white space, in order, without its line end.

    Raises:
        CorpusError: If a file is missing, is no gzip file though its name ends in .gz, or has a line that is not
            UTF-8; the message names file and line.
    """
    for path in files:
        with _open(path) as stream:
            number = 0
            try:
                for number, raw in enumerate(stream, start=1):
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                    if line:
                        yield line
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{path}, line {number}: not UTF-8 (byte {error.start + 1} of the line is "
                    f"0x{error.object[error.start]:02x}); convert it, for example: "
                    f"iconv -f ISO-8859-1 -t UTF-8 {path.name}"
                ) from None
            except (gzip.BadGzipFile, zlib.error, EOFError) as error:
                raise CorpusError(f"{path}, after line {number}: damaged gzip file ({error})") from None
