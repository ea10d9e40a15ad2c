"""Length-bucketed batches: almost every batch holds sentences of one length, so almost nothing is padding."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resay.corpus.store import Corpus
from resay.text import BOS_ID, EOS_ID

IGNORED_TARGET = -100
"""Target of a padding position: torch's convention for "not counted"."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences for one step of training; all arrays int64.

    Attributes:
        token_ids: [B, T], padded with 0 at the end, no begin or end mark.
        lengths: [B], real tokens of each sentence.
        previous_ids: [B, T + 1], the begin mark and the sentence: what the decoder is told it said.
        targets: [B, T + 1], the sentence and the end mark, then `IGNORED_TARGET`: what it has to say.
    """

    token_ids: NDArray[np.int64]
    lengths: NDArray[np.int64]
    previous_ids: NDArray[np.int64]
    targets: NDArray[np.int64]

    @property
    def num_targets(self) -> int:
        """Return how many targets count: every word and one end mark a sentence."""
        return int(self.lengths.sum()) + len(self.lengths)


def make_batch(corpus: Corpus, sentences: NDArray[np.int64]) -> Batch:
    """Return the sentences with these indices as a batch."""
    token_ids, lengths = corpus.padded(sentences)
    num_sentences = len(lengths)
    begin = np.full((num_sentences, 1), BOS_ID, np.int64)
    targets = np.concatenate([token_ids, np.zeros((num_sentences, 1), np.int64)], axis=1)
    steps = np.arange(targets.shape[1])
    targets[steps > lengths[:, None]] = IGNORED_TARGET
    targets[np.arange(num_sentences), lengths] = EOS_ID
    return Batch(token_ids, lengths, np.concatenate([begin, token_ids], axis=1), targets)


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How much a batch holds.

    Attributes:
        sentences: Sentences at most.
        tokens: Padded tokens at most, the end marks counted, unless one sentence alone has more; 0 sets no limit.
    """

    sentences: int
    tokens: int = 0

    def starts(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where each batch but the first begins in sentences of these lengths, which ascend."""
        if not self.tokens:
            return np.arange(self.sentences, len(lengths), self.sentences)
        starts, first = [], 0
        for position, length in enumerate((lengths + 1).tolist()):
            num_sentences = position - first + 1
            if num_sentences > 1 and (num_sentences * length > self.tokens or num_sentences > self.sentences):
                starts.append(position)
                first = position
        return np.array(starts, np.int64)


def count_batches(lengths: NDArray[np.int64], size: BatchSize) -> int:
    """Return how many batches an epoch has."""
    return len(size.starts(np.sort(lengths))) + 1


def spread_evenly(num_sentences: int, wanted: int) -> NDArray[np.int64]:
    """Return `wanted` indices spread evenly over so many sentences; all of them if there are no more."""
    return np.unique(np.linspace(0, num_sentences - 1, min(wanted, num_sentences)).astype(np.int64))


def bucketed_order(
    lengths: NDArray[np.int64], size: BatchSize, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return the sentence indices of each batch: random within a length, batches in random order.

    Only the batches at the border between two lengths mix them, at most one for each length that occurs.
    """
    shuffled = generator.permutation(len(lengths))
    ordered = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    batches = np.split(ordered, size.starts(lengths[ordered]))
    return [batches[index] for index in generator.permutation(len(batches))]


def iterate_batches(
    corpus: Corpus,
    size: BatchSize,
    *,
    seed: int,
    epoch: int,
    start: int = 0,
    stride: int = 1,
    offset: int = 0,
) -> Iterator[Batch]:
    """Yield the batches of an epoch; the same arguments give the same batches, on any machine.

    Args:
        corpus: Where the sentences are.
        size: How much a batch holds.
        seed: Decides the order together with `epoch`.
        epoch: Number of the epoch, from 0.
        start: Batches to leave out at the beginning, for resuming.
        stride: Number of processes that share the epoch.
        offset: Which of them this one is, 0 to stride − 1; all get the same number of batches.
    """
    order = bucketed_order(corpus.lengths, size, np.random.default_rng([seed, epoch]))
    usable = len(order) - len(order) % stride if len(order) >= stride else len(order)
    for index in range(start * stride + offset, usable, stride):
        yield make_batch(corpus, order[index])
