"""Training the default embedding on pairs that nobody had to write: a sentence against a changed copy of itself.

Both copies lose some words and have others swapped for neighbours, drawn by the soft labels that a decoder is trained
with. Learned are a weight for each word and a map of the average, which starts at the identity:

    e(x) = A Σ_t exp(θ(x_t)) v(x_t) / Σ_t exp(θ(x_t)),   L = −log exp(cos(e, e') / τ) / Σ_j exp(cos(e, e'_j) / τ)

and the same with the copies exchanged; j runs over the batch (InfoNCE, van den Oord et al. 2018).

Axes: B sentences, T words, V vocabulary, N neighbours, L ids of the embedding, D components.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from numpy import ndarray
from torch import Tensor, nn
from torch.nn import functional as F

from resay.evaluation.embeddings.id_table import Embed, IdTable
from resay.evaluation.embeddings.ingredients import DEFAULTS, Ingredients
from resay.losses.soft_targets import soft_targets
from resay.models.average import weighted_average
from resay.text import SPECIAL_WORDS, Encoding
from resay.text.stop_words import STOP_WORDS
from resay.vectors import align, excluded_pairs

NO_ID = -1
SMALLEST_WEIGHT = 1e-4
"""Of a word at the start; the logarithm of 0 would never learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrastive:
    """See above.

    Attributes:
        drop: Share of the words that each copy loses.
        swap: Share of the rest that it has swapped.
        temperature: τ.
        batch_size: B.
        epochs: Passes over the training text.
        learning_rate: Adam's, decaying to 0 in a straight line.
        seed: Decides order and copies.
    """

    drop: float = 0.15
    swap: float = 0.3
    temperature: float = 0.05
    batch_size: int = 256
    epochs: int = 2
    learning_rate: float = 1e-3
    seed: int = 0

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding, trained."""
        table = ingredients.default
        sentences = [one for one in ingredients.sentence_ids if one]
        copies = Copies.of(ingredients, self.drop, self.swap)
        weights = nn.Parameter(table.weights.clamp(min=SMALLEST_WEIGHT).log())
        to_ids = torch.from_numpy(ids_of_words(ingredients.tokenizer.words, table))
        the_map = nn.Parameter(torch.eye(table.size))
        num_steps = self.epochs * -(-len(sentences) // self.batch_size)
        optimizer = torch.optim.Adam([weights, the_map], self.learning_rate)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1e-6, num_steps)
        generator = np.random.default_rng(self.seed)
        for batch in self._batches(sentences, generator):
            both = []
            for _ in range(2):
                words, lengths = copies.draw(batch, generator)
                ids = to_ids[torch.from_numpy(words)]
                known = ids != NO_ID
                ids = ids.clamp(min=0)
                average = weighted_average(
                    table.vectors[table.rows[ids]], weights[ids].exp() * known, torch.from_numpy(lengths)
                )
                both.append(F.normalize(average @ the_map, dim=1))
            loss = info_nce(both[0], both[1], self.temperature)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        learned = (table.vectors @ the_map).detach()
        return replace(table, vectors=learned, weights=weights.detach().exp()).embed

    def _batches(self, sentences: Sequence[list[int]], generator: np.random.Generator) -> Iterator[list[list[int]]]:
        for _ in range(self.epochs):
            order = generator.permutation(len(sentences))
            for start in range(0, len(order), self.batch_size):
                yield [sentences[place] for place in order[start : start + self.batch_size].tolist()]


def info_nce(first: Float[Tensor, "B D"], second: Float[Tensor, "B D"], temperature: float) -> Float[Tensor, ""]:
    """Return the mean of both directions' loss for vectors of length 1, equal rows belonging together."""
    logits = first @ second.T / temperature
    targets = torch.arange(len(logits))
    return (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2


def ids_of_words(words: Sequence[str], table: IdTable) -> Int64[ndarray, " V"]:
    """Return the id that the embedding reads for each word of a vocabulary; of several the first, −1 for none."""
    found = [table.read(Encoding([number], [word], word, [(0, len(word))])) for number, word in enumerate(words)]
    ids = [one[0] if one and word not in SPECIAL_WORDS else NO_ID for word, one in zip(words, found, strict=True)]
    return np.array(ids, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Copies:
    """Draws changed copies of sentences.

    Attributes:
        neighbours: Of each word, itself first.
        bounds: Sums of their soft labels up to each.
        drop: Share of words that are lost.
        swap: Share of the rest that are swapped.
    """

    neighbours: Int64[ndarray, "V N"]
    bounds: Float32[ndarray, "V N"]
    drop: float
    swap: float

    @classmethod
    def of(cls, ingredients: Ingredients, drop: float, swap: float) -> "Copies":
        """Return copies that swap words for those that the decoder's soft labels name."""
        words = ingredients.tokenizer.words
        aligned = align(ingredients.vectors, words, seed=DEFAULTS.seed, lemmas=ingredients.lemmas)
        ids, labels = soft_targets(
            torch.from_numpy(aligned.matrix),
            DEFAULTS.num_neighbours,
            one_hot=torch.tensor([word in STOP_WORDS or word in SPECIAL_WORDS for word in words]),
            no_vector=torch.from_numpy(~aligned.has_vector),
            excluded=excluded_pairs(words, DEFAULTS.exclusions(), ingredients.lemmas),
        )
        return cls(ids.numpy().astype(np.int64), labels.cumsum(1).float().numpy(), drop, swap)

    def draw(
        self, sentences: Sequence[Sequence[int]], generator: np.random.Generator
    ) -> tuple[Int64[ndarray, "B T"], Int64[ndarray, " B"]]:
        """Return a copy of each sentence, padded at the end with 0, and their lengths.

        A sentence that would lose all its words loses none.
        """
        lengths = np.array([len(one) for one in sentences])
        words = np.zeros((len(sentences), lengths.max()), np.int64)
        real = np.arange(words.shape[1]) < lengths[:, None]
        words[real] = np.concatenate([np.asarray(one, dtype=np.int64) for one in sentences])
        drawn: Float64[ndarray, "B T 1"] = generator.random((*words.shape, 1))
        column = (drawn > self.bounds[words]).sum(2)
        column = np.minimum(column, self.bounds.shape[1] - 1)  # sums of labels may end just below 1
        words = np.where(generator.random(words.shape) < self.swap, self.neighbours[words, column], words)
        kept = real & (generator.random(words.shape) >= self.drop)
        kept = np.where(kept.any(1, keepdims=True), kept, real)
        order = np.argsort(~kept, axis=1, kind="stable")  # kept words to the front, in their order
        return np.where(kept, words, 0)[np.arange(len(words))[:, None], order], kept.sum(1)
