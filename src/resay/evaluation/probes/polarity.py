"""Polarity: does a vector move when a sentence says the opposite, and can it be told from the vector?

After the polarity sensitivity score of "Evaluating Compositionality of Sentence Representation Models" (RepL4NLP 2020).

Axes: S sentences, D dimensions.
"""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.evaluation.probes.linear import percent
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.probes.polarity_classifier import classify_polarity
from resay.evaluation.probes.polarity_sentences import (
    negation_of,
    opposite_of,
    places_where,
    polarity_sentences,
    synonym_of,
)
from resay.evaluation.probes.polarity_survival import measure_survival
from resay.evaluation.similarity.cosines import EQUAL, unit_rows
from resay.evaluation.systems.system import System

PARTNERS: Mapping[str, Callable[[int], int]] = {
    "negated": negation_of,
    "antonym": opposite_of,
    "synonym": synonym_of,
}


def probe_polarity(system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Measure how vectors and paraphrases deal with sentences that say the opposite.

    Returns:
        ``cosine_negated``, ``cosine_antonym``, ``cosine_synonym``, ``cosine_unrelated``: mean cosine of an affirmed
        sentence with its negation, with the opposite word in it, with a near-synonym in it, and with an affirmed
        sentence of another template and scale.
        ``synonym_nearer_than_negated``, ``synonym_nearer_than_antonym``: percent of the sentences.
        ``accuracy``, ``pss``: a classifier trained on affirmed sentences, asked about templates and words that it was
        not trained on; pss counts a sentence as right if the one with the opposite word is right too.
        ``accuracy_known_words``: the same on new templates alone.
        ``accuracy_negation``, ``pss_negation``, ``accuracy_negation_known_words``: the same, where half of the
        sentences are negated, and a sentence and its negation have to be right. 50 is chance for an accuracy; a vector
        that holds no polarity has a pss of 0, one of which half is guessed right 25. There are 20 scales of words:
        a few points between two systems may be chance.
        If the material has paraphrases, what `measure_survival` returns.
    """
    vectors = system.embed([one.text for one in polarity_sentences()])
    measured = _measure_cosines(unit_rows(vectors), material.seed) | classify_polarity(vectors)
    return measured if material.paraphrase is None else measured | measure_survival(material.paraphrase)


def _measure_cosines(directions: Float64[ndarray, "S D"], seed: int) -> dict[str, float]:
    places = places_where(lambda one: not one.negated)
    partners = {
        name: np.array([partner(place) for place in places.tolist()], dtype=np.int64)
        for name, partner in PARTNERS.items()
    } | {"unrelated": _unrelated(places, seed)}
    cosines = {name: np.einsum("sd,sd->s", directions[places], directions[own]) for name, own in partners.items()}
    nearer = {
        f"synonym_nearer_than_{name}": percent(cosines["synonym"] > cosines[name] + EQUAL)
        for name in ("negated", "antonym")
    }
    return {f"cosine_{name}": float(values.mean()) for name, values in cosines.items()} | nearer


def _unrelated(places: Int64[ndarray, " N"], seed: int) -> Int64[ndarray, " N"]:
    """Return for each sentence one of another template and scale."""
    sentences = polarity_sentences()
    templates, scales = (np.array([getattr(one, name) for one in sentences])[places] for name in ("template", "scale"))
    generator = np.random.default_rng(seed)
    drawn = [
        generator.choice(places[(templates != template) & (scales != scale)])
        for template, scale in zip(templates.tolist(), scales.tolist(), strict=True)
    ]
    return np.array(drawn, dtype=np.int64)
