"""Baselines that pool word vectors: averages, weighted or not, and the component-wise maximum.

Axes: N texts, T words of all of them, E components of a word vector.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.corpus import read_lines
from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.sources import Sources
from resay.evaluation.systems.word_table import WordTable
from resay.fitting.embedding import shares_of
from resay.models.average import SMOOTHING
from resay.text import count_words
from resay.text.words import is_content_word

VERSION = "pooled words 1"
"""Counts up when the same files give other vectors."""
NUM_FITTED = 50_000
"""Sentences of a text that a principal component is found in, evenly spread over it."""
TEXTS_AT_ONCE = 4096

Weigh = Callable[[str], float]


class AveragedWords:
    """e = Σ_t w(y_t) v(y_t) / Σ_t w(y_t); zero where no word weighs anything.

    Args:
        name: In tables.
        table: The vectors v.
        weigh: The weights w.
        about: What the weights depend on, for the hash.
    """

    def __init__(self, name: str, table: WordTable, weigh: Weigh, about: Sequence[str | Path] = ()) -> None:
        self._name = name
        self._table = table
        self._weigh = weigh
        self._sha256 = digest_of([VERSION, name, table.sha256, *about])

    @property
    def name(self) -> str:
        """Return the baseline's name."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over word vectors, base forms and whatever weighs words."""
        return self._sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B E"]:
        """Return a vector for each text."""
        vectors = np.zeros((len(texts), self._table.size), np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            found = self._table.look_up(texts[start : start + TEXTS_AT_ONCE])
            places, filled, starts = found.flat()
            if not len(filled):
                continue
            weights = np.array([self._weigh(word) for word in found.words], np.float32)
            sums = np.add.reduceat((found.matrix * weights[:, None])[places], starts)
            totals = np.add.reduceat(weights[places], starts)
            vectors[start + filled] = sums / np.maximum(totals, 1e-12)[:, None]
        return vectors


class WithoutComponent:
    """e − (e · c) c, c the first principal component of e over a text, not centred (Arora et al. 2017).

    The component is found when the first text is embedded, in a text of its own, never in the texts to embed.

    Args:
        name: In tables.
        averages: Gives e.
        text: Sentences to find the component in.
    """

    def __init__(self, name: str, averages: AveragedWords, text: Path) -> None:
        self._name = name
        self._averages = averages
        self._text = text
        self._sha256 = digest_of([VERSION, name, averages.sha256, text])

    @property
    def name(self) -> str:
        """Return the baseline's name."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over the averages' and the text."""
        return self._sha256

    @cached_property
    def component(self) -> Float32[ndarray, " E"]:
        """Return c, of length 1."""
        lines = list(read_lines([self._text]))
        vectors = self._averages.embed(lines[:: -(-len(lines) // NUM_FITTED)]).astype(np.float64)
        _, directions = np.linalg.eigh(vectors.T @ vectors)
        component: ndarray = directions[:, -1].astype(np.float32)
        return component

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B E"]:
        """Return a vector for each text."""
        vectors = self._averages.embed(texts)
        left: ndarray = vectors - (vectors @ self.component)[:, None] * self.component
        return left


class MaximumWords:
    """e_i = max_t v(y_t)_i; zero for a text without a word.

    Args:
        name: In tables.
        table: The vectors v.
    """

    def __init__(self, name: str, table: WordTable) -> None:
        self._name = name
        self._table = table
        self._sha256 = digest_of([VERSION, name, table.sha256])

    @property
    def name(self) -> str:
        """Return the baseline's name."""
        return self._name

    @property
    def sha256(self) -> str:
        """Return a hash over word vectors and base forms."""
        return self._sha256

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B E"]:
        """Return a vector for each text."""
        vectors = np.zeros((len(texts), self._table.size), np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            found = self._table.look_up(texts[start : start + TEXTS_AT_ONCE])
            places, filled, starts = found.flat()
            if len(filled):
                vectors[start + filled] = np.maximum.reduceat(found.matrix[places], starts)
        return vectors


def average(sources: Sources) -> AveragedWords:
    """Return the average of all words."""
    return AveragedWords("average", WordTable.of(sources, "average"), lambda word: 1.0)


def average_content(sources: Sources) -> AveragedWords:
    """Return the average of content words."""
    table = WordTable.of(sources, "average-content")
    return AveragedWords("average-content", table, lambda word: float(is_content_word(word)))


def sif(sources: Sources) -> AveragedWords:
    """Return the average weighted by a / (a + p(w)), p a word's share of a text, a = 3·10⁻⁴ (Arora et al. 2017)."""
    text = sources.needed_text("sif")
    shares: Mapping[str, float] = shares_of(count_words(read_lines([text])))
    table = WordTable.of(sources, "sif")
    return AveragedWords("sif", table, lambda word: SMOOTHING / (SMOOTHING + shares.get(word, 0.0)), [text])


def sif_pc(sources: Sources) -> WithoutComponent:
    """Return `sif` without its first principal component."""
    return WithoutComponent("sif-pc", sif(sources), sources.needed_text("sif-pc"))


def maximum(sources: Sources) -> MaximumWords:
    """Return the component-wise maximum of all words."""
    return MaximumWords("maximum", WordTable.of(sources, "maximum"))
