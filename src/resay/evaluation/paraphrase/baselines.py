"""What a paraphraser has to beat: the copy, other sentences at random or by nearness, replaced words.

Each gives candidates in the shape that the engine gives them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from resay.engine import SentenceEncoder
from resay.errors import SettingsError
from resay.evaluation.paraphrase.nearest import nearest_sentences
from resay.evaluation.paraphrase.synonyms import SynonymReplacement


@dataclass(frozen=True)
class Material:
    """What baselines are made from; what one does not need may be missing.

    Attributes:
        corpus: Training sentences, each once.
        encoder: Says which sentences are near.
        synonyms: Says which words are.
        num_candidates: Candidates for each input.
        seed: Decides what is random.
    """

    corpus: Sequence[str] = ()
    encoder: SentenceEncoder | None = None
    synonyms: SynonymReplacement | None = None
    num_candidates: int = 5
    seed: int = 0

    @cached_property
    def size(self) -> int:
        """Return how many sentences the corpus has, which must be more than are asked for."""
        if len(self.corpus) < self.num_candidates:
            raise SettingsError(
                f"the training text has {len(self.corpus)} distinct sentences; {self.num_candidates} are needed"
            )
        return len(self.corpus)


Baseline = Callable[[Material, Sequence[str], float], list[list[str]]]


def parrot(material: Material, sources: Sequence[str], dial: float) -> list[list[str]]:
    """Return each input itself, once: further copies would be the same candidate."""
    return [[source] for source in sources]


def random_sentences(material: Material, sources: Sequence[str], dial: float) -> list[list[str]]:
    """Return training sentences drawn for each input, without repetition."""
    generator = np.random.default_rng(material.seed)
    draws = [generator.choice(material.size, size=material.num_candidates, replace=False) for _ in sources]
    return [[material.corpus[place] for place in draw.tolist()] for draw in draws]


def nearest(material: Material, sources: Sequence[str], dial: float) -> list[list[str]]:
    """Return the training sentences nearest to each input.

    Raises:
        SettingsError: If the material has no encoder.
    """
    if material.encoder is None:
        raise SettingsError("the baseline 'nearest' needs a model's encoder; give a model folder")
    return nearest_sentences(material.encoder, sources, material.corpus[: material.size], material.num_candidates)


def synonyms(material: Material, sources: Sequence[str], dial: float) -> list[list[str]]:
    """Return each input with content words replaced at the rate `dial`, one at least.

    Raises:
        SettingsError: If the material has no table of near words.
    """
    if material.synonyms is None:
        raise SettingsError("the baseline 'synonyms' needs a run folder's word vectors; give --run")
    replace = material.synonyms.candidates
    return [replace(source, material.num_candidates, rate=dial, seed=material.seed) for source in sources]


BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {"parrot": parrot, "random": random_sentences, "nearest": nearest, "synonyms": synonyms}
)
DIALLED = frozenset({"synonyms"})
"""Baselines that have a dial; the others are one point."""
