"""The files that all variants are made from, each read when it is first asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from resay.corpus import read_lines
from resay.errors import SettingsError
from resay.evaluation.embeddings.id_table import IdTable
from resay.evaluation.systems.digests import digest_of
from resay.fitting import TrainSettings, embedding
from resay.fitting.checkpoint import MODEL_FILE, TOKENIZER_FILE
from resay.fitting.embedding import EmbeddingSettings, fit_embedding
from resay.fitting.preparation import read_lemmas
from resay.text import Tokenizer, count_words, lexicon, read_counts
from resay.text.english import english_counts
from resay.vectors import WordVectors, read_vectors

DEFAULTS = TrainSettings()
"""What `training/train.py` does when nothing is said."""
VERSION = "1"
"""Of what this package makes of its files; part of every hash."""
CODE = (embedding, lexicon)
"""Modules that decide what the default is; when they change, it counts as another."""
NUM_SENTENCES = 20_000
"""Training sentences whose embeddings components are found from."""


class Ingredients:
    """What the variants are made from.

    Args:
        vectors: File of word vectors.
        train: Training text, one sentence a line: words are counted in it, and what is fitted is fitted on it.
        lemmas: Base forms for words that the vectors lack.
        word_counts: Counts in a large text of the language; None: the 10,000 most frequent words of English.
        run: A trained run, for its encoder; variants that read one need it.

    Raises:
        SettingsError: If one of the files is missing.
    """

    def __init__(
        self,
        vectors: Path,
        train: Sequence[Path],
        *,
        lemmas: Path | None = None,
        word_counts: Path | None = None,
        run: Path | None = None,
    ) -> None:
        for path in (vectors, lemmas, word_counts, *train):
            if path is not None and not path.is_file():
                raise SettingsError(
                    f"{path}: no such file; name word vectors, base forms, counts and text that are there"
                )
        self._vectors = vectors
        self._train = list(train)
        self._lemmas = lemmas
        self._word_counts = word_counts
        self._run = run

    @property
    def has_run(self) -> bool:
        """Return whether there is a trained run."""
        return self._run is not None

    @property
    def run(self) -> Path:
        """Return the trained run's folder.

        Raises:
            SettingsError: If none was given.
        """
        if self._run is None:
            raise SettingsError("this variant reads a trained encoder: name a run folder with --run")
        return self._run

    @cached_property
    def sha256(self) -> str:
        """Return a hash over all files but the run, and the code that makes the default."""
        given = [self._vectors, self._lemmas or "", self._word_counts or "", *self._train]
        code = [Path(module.__file__ or "") for module in CODE]
        return digest_of([VERSION, repr(DEFAULTS), repr(sorted(english_counts().items())), *code, *given])

    @cached_property
    def run_sha256(self) -> str:
        """Return a hash over the run's weights and vocabulary."""
        return digest_of(self.run / name for name in (MODEL_FILE, TOKENIZER_FILE))

    @cached_property
    def vectors(self) -> WordVectors:
        """Return all word vectors of the file."""
        return read_vectors(self._vectors)

    @cached_property
    def lemmas(self) -> Mapping[str, str]:
        """Return base forms by inflected form; empty without a file."""
        return read_lemmas(self._lemmas) or {}

    @cached_property
    def counts(self) -> Counter[str]:
        """Return how often each word stands in the training text."""
        return count_words(read_lines(self._train))

    @cached_property
    def background(self) -> Mapping[str, int]:
        """Return how often each word stands in the language."""
        return english_counts() if self._word_counts is None else read_counts(self._word_counts)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer that training on the text would make; its words are the decoder's."""
        return Tokenizer.from_counts(
            self.counts, min_count=DEFAULTS.min_count, max_size=DEFAULTS.max_vocab_size or None
        )

    @cached_property
    def sentences(self) -> list[str]:
        """Return sentences of the training text, evenly spread over it."""
        lines = list(read_lines(self._train))
        places = np.linspace(0, len(lines) - 1, min(NUM_SENTENCES, len(lines))).astype(np.int64)
        return [lines[place] for place in places.tolist()]

    @cached_property
    def sentence_ids(self) -> list[list[int]]:
        """Return the token ids of every training sentence."""
        return list(self.tokenizer.encode_ids(read_lines(self._train)))

    @cached_property
    def default(self) -> IdTable:
        """Return what `training/train.py` gives a run by default: the very function makes it."""
        words, embedder = fit_embedding(
            self.vectors,
            EmbeddingSettings(DEFAULTS.lexicon_size, DEFAULTS.whitening),
            counts=self.counts,
            background=self.background,
            lemmas=self.lemmas,
        )
        return IdTable.of_embedder(self.tokenizer, words, embedder)
