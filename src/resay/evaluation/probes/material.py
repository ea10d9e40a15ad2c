"""What probes are made from, beside the sentences that the package carries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resay.corpus import read_lines
from resay.errors import CorpusError
from resay.evaluation.latents.labelled_text import alike
from resay.evaluation.sts import SimilarityPair

Paraphrase = Callable[[Sequence[str]], Sequence[Sequence[str]]]
"""Texts to the candidates of each."""

NUM_SENTENCES = 5000


@dataclass(frozen=True, slots=True)
class ProbeMaterial:
    """What probes are made from; what one does not need may be missing.

    Attributes:
        sentences: Of the user's text, no two alike; for dimensions, length and word-content.
        sts_pairs: Of the STS Benchmark; dimensions measures on them too if there are any.
        paraphrase: Of the system itself; polarity asks whether its paraphrases keep the polarity, if it has any.
        num_sentences: Most sentences of the text that a probe takes.
        seed: Decides what is drawn.
    """

    sentences: Sequence[str] = ()
    sts_pairs: Sequence[SimilarityPair] = ()
    paraphrase: Paraphrase | None = None
    num_sentences: int = NUM_SENTENCES
    seed: int = 0

    def draw(self, at_least: int) -> list[str]:
        """Return sentences of the text in random order, `num_sentences` of them if there are as many.

        Raises:
            CorpusError: If the text has fewer than a probe needs at least.
        """
        if len(self.sentences) < at_least:
            raise CorpusError(
                f"this probe needs {at_least} different sentences of a text at least; got {len(self.sentences)}: "
                "name a text with more, one sentence a line"
            )
        order = np.random.default_rng(self.seed).permutation(len(self.sentences))
        return [self.sentences[place] for place in order[: self.num_sentences].tolist()]


def read_sentences(text: Path) -> list[str]:
    """Return the lines of a text file in their order; of those that differ in case and spacing alone, the first.

    Raises:
        CorpusError: If the file cannot be read.
    """
    found: dict[str, str] = {}
    for line in read_lines([text]):
        found.setdefault(alike(line), line)
    return list(found.values())
