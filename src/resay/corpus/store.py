"""A corpus as token ids on disk, memory-mapped.

DIR/tokens.bin      token ids of all sentences end to end, uint16 (vocabularies below 65,536 words) or uint32
DIR/ends.bin        where each sentence ends in it, int64
DIR/report.json     counts and settings; written last, so that its presence means a complete corpus
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Int64
from numpy.typing import NDArray

from resay.corpus.lines import read_lines
from resay.corpus.report import CorpusReport
from resay.errors import CorpusError
from resay.text import PAD_ID, UNK_ID, Tokenizer

LINES_A_CHUNK = 20_000


def _chunks(lines: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(lines, LINES_A_CHUNK)):
        yield chunk


def _check_not_empty(report: CorpusReport) -> None:
    if report.num_sentences == 0:
        files = ", ".join(report.files)
        raise CorpusError(f"{files}: no sentence found; a corpus is a text file with one sentence a line")
    if report.num_cut == report.num_sentences:
        raise CorpusError(
            f"{', '.join(report.files)}: every line, from line 1 on, is longer than {report.max_length} tokens; "
            "put one sentence on a line, or raise the longest length (--max-length)"
        )


def prepare_corpus(
    files: Sequence[Path],
    tokenizer: Tokenizer,
    out: Path,
    max_length: int,
    *,
    keep: Callable[[str], bool] | None = None,
) -> CorpusReport:
    """Tokenise text files into a folder that `Corpus.open` maps, holding only a chunk of lines in memory.

    Args:
        files: Text files, one sentence a line, plain or .gz.
        tokenizer: Gives the ids.
        out: The folder to write; its former contents are replaced.
        max_length: Longer sentences are cut to so many tokens, and counted.
        keep: Which lines to take; all when not given.

    Raises:
        CorpusError: If a file cannot be read, or holds no sentence or nothing but over-long ones.
    """
    out.mkdir(parents=True, exist_ok=True)
    report_file = out / "report.json"
    report_file.unlink(missing_ok=True)
    dtype = np.uint16 if tokenizer.vocab_size < 2**16 else np.uint32
    digest = hashlib.sha256()
    num_sentences = num_tokens = num_unknown = num_cut = num_empty = 0
    with (out / "tokens.bin").open("wb") as tokens_file, (out / "ends.bin").open("wb") as ends_file:
        for chunk in _chunks(filter(keep, read_lines(files)) if keep else read_lines(files)):
            ids: list[int] = []
            ends: list[int] = []
            for sentence in tokenizer.encode_ids(chunk):
                kept = sentence[:max_length]
                if not kept:
                    num_empty += 1
                    continue
                num_cut += len(sentence) > max_length
                num_unknown += kept.count(UNK_ID)
                ids += kept
                ends.append(num_tokens + len(ids))
            num_tokens += len(ids)
            num_sentences += len(ends)
            for stream, values in (
                (tokens_file, np.array(ids, dtype)),
                (ends_file, np.array(ends, np.int64)),
            ):
                stream.write(values.tobytes())
                digest.update(values.tobytes())
    report = CorpusReport(
        files=[str(path) for path in files],
        sha256=digest.hexdigest(),
        num_sentences=num_sentences,
        num_tokens=num_tokens,
        num_unknown=num_unknown,
        num_cut=num_cut,
        num_empty=num_empty,
        max_length=max_length,
    )
    _check_not_empty(report)
    report_file.write_text(json.dumps({"dtype": np.dtype(dtype).name, **report.as_dict()}, indent=2) + "\n")
    return report


class Corpus:
    """A prepared corpus; sentences are read from disk as they are asked for.

    Attributes:
        report: Counts of the preparation.
        ends: Where each sentence ends in the token file.
        lengths: Tokens of each sentence.
    """

    def __init__(self, tokens: NDArray[np.unsignedinteger], ends: NDArray[np.int64], report: CorpusReport) -> None:
        self._tokens = tokens
        self.ends = ends
        self.report = report
        self.lengths = np.diff(ends, prepend=0)

    @classmethod
    def open(cls, folder: Path) -> "Corpus":
        """Map a prepared folder.

        Raises:
            CorpusError: If the folder holds no complete corpus, or its files do not fit its report.
        """
        try:
            fields = json.loads((folder / "report.json").read_text())
            dtype = np.dtype(fields.pop("dtype"))
            report = CorpusReport(**fields)
            tokens = np.memmap(folder / "tokens.bin", dtype=dtype, mode="r")
            ends = np.memmap(folder / "ends.bin", dtype=np.int64, mode="r")
        except FileNotFoundError as error:
            raise CorpusError(f"{folder}: no prepared corpus here ({error.filename} is missing)") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CorpusError(f"{folder}: damaged ({error}); prepare the corpus again") from None
        if (len(tokens), len(ends)) != (report.num_tokens, report.num_sentences):
            raise CorpusError(
                f"{folder}: report.json counts {report.num_tokens} tokens in {report.num_sentences} sentences, "
                f"the files hold {len(tokens)} in {len(ends)}; prepare the corpus again"
            )
        return cls(tokens, ends, report)

    def __len__(self) -> int:
        return len(self.ends)

    def padded(self, sentences: Int64[np.ndarray, " B"]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return token ids [B, T], padded with 0, and lengths [B] of the sentences with these indices."""
        lengths = self.lengths[sentences]
        steps = np.arange(lengths.max())
        positions = (self.ends[sentences] - lengths)[:, None] + steps
        real = steps < lengths[:, None]
        token_ids = self._tokens[np.minimum(positions, len(self._tokens) - 1)].astype(np.int64)
        return np.where(real, token_ids, PAD_ID), np.asarray(lengths)

    def word_counts(self, vocab_size: int) -> NDArray[np.int64]:
        """Return how often each token id occurs [V], reading the file a block at a time."""
        counts = np.zeros(vocab_size, np.int64)
        for start in range(0, len(self._tokens), 1 << 24):
            counts += np.bincount(self._tokens[start : start + (1 << 24)], minlength=vocab_size)
        return counts
