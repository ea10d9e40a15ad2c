"""Sentences of known polarity, from `polarity.toml`: every one with its negation, its opposite and a near-synonym.

Axes: S sentences, ordered by template, scale, word, side and negation.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

NUM_FOLDS = 4


@dataclass(frozen=True, slots=True)
class PolaritySentence:
    """A sentence that says something good or bad.

    Attributes:
        text: The sentence.
        template: Number of its template.
        scale: Number of the scale that its word is of.
        word: 0 or 1, which word of its side.
        praising: Whether that word, taken alone, is good.
        negated: Whether the sentence negates it.
    """

    text: str
    template: int
    scale: int
    word: int
    praising: bool
    negated: bool

    @property
    def positive(self) -> bool:
        """Return the polarity of the sentence: that of its word, turned round by negation."""
        return self.praising != self.negated


@cache
def polarity_sentences() -> tuple[PolaritySentence, ...]:
    """Return all sentences; read once.

    Templates take the things of a scale by turns, so that no thing goes with one template alone.
    """
    text = resources.files("resay.evaluation.probes").joinpath("polarity.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return tuple(
        PolaritySentence(
            text=template["negated" if negated else "affirmed"].format(
                thing=scale["things"][(number + place) % len(scale["things"])],
                word=scale["positive" if praising else "negative"][word],
            ),
            template=number,
            scale=place,
            word=word,
            praising=praising,
            negated=negated,
        )
        for number, template in enumerate(content["templates"])
        for place, scale in enumerate(content["scales"])
        for word in (0, 1)
        for praising in (True, False)
        for negated in (False, True)
    )


def places_where(wanted: Callable[[PolaritySentence], bool]) -> Int64[ndarray, " S"]:
    """Return the places of the sentences that are wanted."""
    return np.array([place for place, one in enumerate(polarity_sentences()) if wanted(one)], dtype=np.int64)


def opposite_of(place: int) -> int:
    """Return the place of the sentence with the opposite word."""
    return place ^ 2


def negation_of(place: int) -> int:
    """Return the place of the sentence that is negated where this one is not, or the other way round."""
    return place ^ 1


def synonym_of(place: int) -> int:
    """Return the place of the sentence with the other word of the same side."""
    return place ^ 4


@dataclass(frozen=True, slots=True)
class Fold:
    """Places of sentences to train on and to test.

    Attributes:
        train: To train on.
        fitted: Which of those are trained on while the penalty is chosen.
        validation: Which of those it is chosen by: their templates and scales are others than those of `fitted`.
        new_words: To test, of templates and of words that training has not seen.
        known_words: To test, of templates that training has not seen.
    """

    train: Int64[ndarray, " N"]
    fitted: Bool[ndarray, " N"]
    validation: Bool[ndarray, " N"]
    new_words: Int64[ndarray, " M"]
    known_words: Int64[ndarray, " K"]


def folds(*, with_negation: bool) -> list[Fold]:
    """Return four folds; every template and every scale is tested in one of them."""
    sentences = polarity_sentences()
    used = np.array([with_negation or not one.negated for one in sentences])
    templates = np.array([one.template for one in sentences]) % NUM_FOLDS
    scales = np.array([one.scale for one in sentences]) % NUM_FOLDS
    found = []
    for fold in range(NUM_FOLDS):
        chosen_by = (fold + 1) % NUM_FOLDS
        train = np.flatnonzero(used & (templates != fold) & (scales != fold))
        both = (templates == chosen_by) & (scales == chosen_by)
        neither = (templates != chosen_by) & (scales != chosen_by)
        found.append(
            Fold(
                train=train,
                fitted=neither[train],
                validation=both[train],
                new_words=np.flatnonzero(used & (templates == fold) & (scales == fold)),
                known_words=np.flatnonzero(used & (templates == fold) & (scales != fold)),
            )
        )
    return found
