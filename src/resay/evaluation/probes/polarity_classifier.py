"""Can a linear classifier tell polarity of templates and words that it was not trained on?

Axes: S sentences, those of `polarity_sentences`, D features.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64
from numpy import ndarray

from resay.evaluation.probes.linear import classify, percent
from resay.evaluation.probes.polarity_sentences import folds, negation_of, opposite_of, polarity_sentences


@dataclass(frozen=True, slots=True)
class Answers:
    """Which sentences a classifier was right about.

    Attributes:
        right: Whether it was.
        asked: Whether it was asked; the others do not count.
    """

    right: Bool[ndarray, " S"]
    asked: Bool[ndarray, " S"]

    @property
    def accuracy(self) -> float:
        """Return the share of right answers, in percent."""
        return percent(self.right[self.asked])

    def pair_score(self, partner: Callable[[int], int]) -> float:
        """Return the share of sentences about which, and about whose partner, the answers are right; in percent.

        This is the polarity sensitivity score if the partner has the other polarity.
        """
        places = np.flatnonzero(self.asked)
        partners = np.array([partner(place) for place in places.tolist()], dtype=np.int64)
        return percent(self.right[places] & self.right[partners])


def answer(vectors: Float[ndarray, "S D"], *, with_negation: bool, standardise: bool = True) -> tuple[Answers, Answers]:
    """Train and test in four folds.

    Args:
        vectors: Of all sentences.
        with_negation: Whether negated sentences are trained on and tested too. Half of the sentences are negated
            then, which leaves a sum of word vectors nothing to go by.
        standardise: As for `classify`.

    Returns:
        The answers on new templates with new words, and on new templates with known words.
    """
    labels = np.array([one.positive for one in polarity_sentences()], dtype=np.int64)
    right = np.zeros((2, len(labels)), dtype=bool)
    asked = np.zeros((2, len(labels)), dtype=bool)
    for fold in folds(with_negation=with_negation):
        tests = (fold.new_words, fold.known_words)
        both: Int64[ndarray, " M"] = np.concatenate(tests)
        given = classify(
            vectors[fold.train],
            labels[fold.train],
            fold.fitted,
            fold.validation,
            vectors[both],
            standardise=standardise,
        )
        for kind, part in enumerate(np.split(given, [len(tests[0])])):
            right[kind, tests[kind]] = part == labels[tests[kind]]
            asked[kind, tests[kind]] = True
    return Answers(right[0], asked[0]), Answers(right[1], asked[1])


def classify_polarity(vectors: Float[ndarray, "S D"]) -> dict[str, float]:
    """Return the accuracies and polarity sensitivity scores that `probe_polarity` explains."""
    new, known = answer(vectors, with_negation=False)
    new_negated, known_negated = answer(vectors, with_negation=True)
    return {
        "accuracy": new.accuracy,
        "accuracy_known_words": known.accuracy,
        "pss": new.pair_score(opposite_of),
        "accuracy_negation": new_negated.accuracy,
        "accuracy_negation_known_words": known_negated.accuracy,
        "pss_negation": new_negated.pair_score(negation_of),
    }
