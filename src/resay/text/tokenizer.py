"""Text to word ids, by the Hugging Face ``tokenizers`` library and one ``tokenizer.json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import tokenizers
from tokenizers import models

from resay.errors import ModelFolderError, SettingsError
from resay.text.encoding import Encoding
from resay.text.special import SPECIAL_WORDS, UNK, UNK_ID
from resay.text.splitting import build_normalizer, build_pre_tokenizer, replace_surrogates
from resay.text.vocabulary import choose_words, count_words

LINES_PER_BATCH = 8192
"""Lines read at once from a stream: enough to keep every core of ``tokenizers`` busy, small in memory."""


class Tokenizer:
    """Splits text into words and gives their ids; adds neither ``<s>`` nor ``</s>`` and cuts nothing off.

    A text that spells ``<unk>`` or ``</s>`` gets no special id: angle brackets are words of their own.
    """

    def __init__(self, core: tokenizers.Tokenizer) -> None:
        self._core = core
        self.words = _words_by_id(core)

    @classmethod
    def build(cls, lines: Iterable[str], *, min_count: int = 2, max_size: int | None = None) -> Tokenizer:
        """Return a tokenizer of the words in ``lines``; see ``choose_words`` for the settings."""
        return cls.from_counts(count_words(lines), min_count=min_count, max_size=max_size)

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], *, min_count: int = 1, max_size: int | None = None) -> Tokenizer:
        """Return a tokenizer of the words that ``choose_words`` chooses from ``counts``."""
        words = choose_words(counts, min_count=min_count, max_size=max_size)
        ids = {word: token_id for token_id, word in enumerate(words)}
        core = tokenizers.Tokenizer(models.WordLevel(vocab=ids, unk_token=UNK))
        core.normalizer = build_normalizer()
        core.pre_tokenizer = build_pre_tokenizer()
        return cls(core)

    @classmethod
    def from_file(cls, path: str | Path) -> Tokenizer:
        """Read a ``tokenizer.json``.

        Raises:
            ModelFolderError: There is no such file, or it is not one that this class wrote.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ModelFolderError(f"cannot read the tokenizer file {path}: {error.strerror}") from error
        return cls.from_bytes(data)

    @classmethod
    def from_bytes(cls, data: bytes) -> Tokenizer:
        """Read the content of a ``tokenizer.json``.

        Raises:
            ModelFolderError: It is not a tokenizer file that this class wrote.
        """
        try:
            core = tokenizers.Tokenizer.from_str(data.decode())
        except Exception as error:  # the library raises a bare Exception
            raise ModelFolderError(f"not a tokenizer.json: {error}; export the model again") from error
        return cls(core)

    def to_bytes(self) -> bytes:
        """Return the content of ``tokenizer.json``; equal vocabularies give equal bytes."""
        return self._core.to_str(pretty=True).encode()

    def save(self, path: str | Path) -> None:
        """Write ``tokenizer.json``."""
        Path(path).write_bytes(self.to_bytes())

    @property
    def vocab_size(self) -> int:
        """Number of words, the five special ones included."""
        return len(self.words)

    def prune(self, counts: Mapping[str, int], *, min_count: int = 1, max_size: int | None = None) -> Tokenizer:
        """Return a tokenizer of those words only that ``counts`` has too and that ``choose_words`` keeps."""
        kept = {word: counts[word] for word in self.words if word in counts}
        return self.from_counts(kept, min_count=min_count, max_size=max_size)

    def encode(self, text: str) -> Encoding:
        """Return the words of ``text``; any string will do, the empty one too."""
        text = replace_surrogates(text)
        return self._encoding(text, self._core.encode(text, add_special_tokens=False))

    def encode_batch(self, texts: Iterable[str]) -> list[Encoding]:
        """Return ``encode`` of each text, on all cores.

        Raises:
            SettingsError: ``texts`` is one string.
        """
        return list(self.encode_stream(texts))

    def encode_stream(self, texts: Iterable[str]) -> Iterator[Encoding]:
        """Yield ``encode`` of each text, holding ``LINES_PER_BATCH`` texts at a time."""
        for batch in _batches(texts):
            outputs = self._core.encode_batch(batch, add_special_tokens=False)
            yield from map(self._encoding, batch, outputs)

    def encode_ids(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Yield the ids of each text without words and surfaces, which corpora do not need."""
        for batch in _batches(texts):
            for output in self._core.encode_batch_fast(batch, add_special_tokens=False):
                yield output.ids

    def _encoding(self, text: str, output: tokenizers.Encoding) -> Encoding:
        token_ids = output.ids
        tokens = [self.words[token_id] for token_id in token_ids]
        if UNK_ID in token_ids:
            tokens = self._split(text)
        return Encoding(token_ids, tokens, text, output.offsets)

    def _split(self, text: str) -> list[str]:
        normalizer, pre_tokenizer = self._core.normalizer, self._core.pre_tokenizer
        assert normalizer is not None
        assert pre_tokenizer is not None
        return [word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))]


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    if isinstance(texts, str):
        raise SettingsError("texts must be several strings, got one; put it in a list, or call encode")
    rest = map(replace_surrogates, texts)
    while batch := list(islice(rest, LINES_PER_BATCH)):
        yield batch


def _words_by_id(core: tokenizers.Tokenizer) -> tuple[str, ...]:
    """Return the vocabulary in order of id, after checking that it is one of ours."""
    ids = core.get_vocab(with_added_tokens=True)
    words = tuple(sorted(ids, key=ids.__getitem__))
    if [ids[word] for word in words] != list(range(len(words))):
        raise ModelFolderError("the ids of a tokenizer.json must be 0, 1, 2, … without gaps; export the model again")
    if words[: len(SPECIAL_WORDS)] != SPECIAL_WORDS:
        raise ModelFolderError(
            f"the first words of a tokenizer.json must be {', '.join(SPECIAL_WORDS)}; "
            f"got {', '.join(words[: len(SPECIAL_WORDS)])}; export the model again"
        )
    if core.get_added_tokens_decoder():
        raise ModelFolderError(
            "the tokenizer.json has added tokens, which any text could spell; export the model again"
        )
    if core.normalizer is None or core.pre_tokenizer is None:
        raise ModelFolderError("the tokenizer.json has no normalizer or no pre_tokenizer; export the model again")
    return words
