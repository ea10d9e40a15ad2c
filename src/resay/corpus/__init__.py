"""Text files to token ids on disk to batches; numpy only, larger than memory."""

from resay.corpus.batches import (
    IGNORED_TARGET,
    Batch,
    BatchSize,
    count_batches,
    iterate_batches,
    make_batch,
    spread_evenly,
)
from resay.corpus.hiding import drop_previous_words, hide_words
from resay.corpus.lines import read_lines
from resay.corpus.report import CorpusReport
from resay.corpus.store import Corpus, prepare_corpus

__all__ = [
    "IGNORED_TARGET",
    "Batch",
    "BatchSize",
    "Corpus",
    "CorpusReport",
    "count_batches",
    "drop_previous_words",
    "hide_words",
    "iterate_batches",
    "make_batch",
    "prepare_corpus",
    "read_lines",
    "spread_evenly",
]
