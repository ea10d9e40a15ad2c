"""A corpus with the lengths and word frequencies of reviews, prepared by resay itself."""

import string
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from training_case import TrainingCase

from resay.corpus import Corpus
from resay.fitting import TrainSettings
from resay.fitting.preparation import Prepared, TrainingFiles, open_prepared, prepare
from resay.text import SPECIAL_WORDS

# Lengths of one-sentence restaurant reviews: about normal, none above 15.
MEAN_LENGTH, LENGTH_DEVIATION, SHORTEST = 9.6, 3.4, 2


@dataclass(frozen=True, slots=True)
class RoundOfBatches:
    """The sentences of a round, batched in the two ways.

    Attributes:
        bucketed: Batches of nearly one length each, as resay makes them; evenly spread over the lengths.
        shuffled: The same sentences in batches of any lengths.
    """

    bucketed: list[NDArray[np.int64]]
    shuffled: list[NDArray[np.int64]]

    @property
    def num_sentences(self) -> int:
        """Return how many sentences there are."""
        return sum(len(batch) for batch in self.bucketed)


def make_words(num_words: int) -> list[str]:
    """Return made-up words, each one token."""
    return ["zq" + "".join(letters) for letters, _ in zip(product(string.ascii_lowercase, repeat=4), range(num_words))]  # noqa: B905


def write_sentences(path: Path, words: list[str], case: TrainingCase, generator: np.random.Generator) -> None:
    """Write sentences of Zipf-distributed words, with every word at least once."""
    shortest = min(SHORTEST, case.max_length)
    lengths = np.rint(generator.normal(MEAN_LENGTH, LENGTH_DEVIATION, case.num_sentences)).astype(int)
    lengths = np.clip(lengths, shortest, case.max_length)
    frequencies = 1.0 / (np.arange(len(words)) + 2.7)
    num_tokens = int(lengths.sum())
    tokens = generator.choice(len(words), num_tokens, p=frequencies / frequencies.sum())
    places = generator.choice(num_tokens, min(len(words), num_tokens), replace=False)
    tokens[places] = np.arange(len(places))
    with path.open("w", encoding="utf-8") as stream:
        for sentence in np.split(tokens, np.cumsum(lengths)[:-1]):
            stream.write(" ".join(words[token] for token in sentence) + "\n")


def make_settings(case: TrainingCase, loss: str) -> TrainSettings:
    """Return the settings of a resay run of the case's sizes."""
    return TrainSettings(
        loss=loss,
        hidden_size=case.hidden_size,
        batch_size=case.batch_size,
        max_length=case.max_length,
        min_count=1,
        max_vocab_size=case.vocab_size,
        epochs=1000,
        seed=case.seed,
        device="cpu",
        mixed_precision="no",
    )


def make_prepared(case: TrainingCase, folder: Path) -> Prepared:
    """Write text and random word vectors into a folder and have resay prepare a run there."""
    generator = np.random.default_rng(case.seed)
    words = make_words(case.vocab_size - len(SPECIAL_WORDS))
    text, vectors = folder / "sentences.txt", folder / "vectors.npz"
    write_sentences(text, words, case, generator)
    matrix = generator.standard_normal((len(words), case.word_vector_size), dtype=np.float32)
    np.savez(vectors, words=np.array(words), vectors=matrix)
    run = folder / "run"
    run.mkdir()
    files = TrainingFiles(train=[text], dev=[text], vectors=vectors)
    return open_prepared(run, prepare(files, run, make_settings(case, "ce")))


def make_round(corpus: Corpus, case: TrainingCase) -> RoundOfBatches:
    """Return batches evenly spread over the lengths of the corpus."""
    generator = np.random.default_rng(case.seed)
    shuffled = generator.permutation(len(corpus))
    ordered = shuffled[np.argsort(corpus.lengths[shuffled], kind="stable")]
    num_whole = len(ordered) // case.batch_size
    batches = ordered[: num_whole * case.batch_size].reshape(num_whole, case.batch_size)
    chosen = batches[np.linspace(0, num_whole - 1, case.num_batches + 2).round().astype(int)[1:-1]]
    mixed = generator.permutation(chosen.ravel()).reshape(chosen.shape)
    return RoundOfBatches(list(chosen), list(mixed))
