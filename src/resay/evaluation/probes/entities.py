"""Entities: how far does a vector move when only a name changes, and does its nearest neighbour stay the same?

After "What's in a Name?" (RepL4NLP 2020), which exchanges names and asks whether a model's answer stays.

Axes: T templates, B exchanges, D dimensions.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.evaluation.probes.entity_sentences import entity_sentences
from resay.evaluation.probes.linear import percent
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.similarity.cosines import EQUAL, unit_rows
from resay.evaluation.systems.system import System

NUM_EXCHANGES = 20


class Directions(NamedTuple):
    """Vectors of length 1.

    Attributes:
        originals: Of the sentences with the first drawn name.
        exchanged: Of the sentences with each other drawn name.
        paraphrases: Of the paraphrases with the first drawn name.
        exchanged_paraphrases: Of the paraphrases with each other drawn name.
    """

    originals: Float64[ndarray, "T D"]
    exchanged: Float64[ndarray, "T B D"]
    paraphrases: Float64[ndarray, "T D"]
    exchanged_paraphrases: Float64[ndarray, "T B D"]


def probe_entities(system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Exchange the name in each sentence for twenty others of its kind.

    Returns:
        ``cosine_mean``, ``cosine_worst``, ``cosine_spread``: mean, lowest and standard deviation of the cosine of a
        sentence with its exchanges, averaged over sentences; ``cosine_mean_person``, ``_place``, ``_dish``.
        ``cosine_different``: mean cosine of sentences that say something else of the same name.
        ``nearer_than_different``: percent of the exchanges that are nearer to their sentence than all of those.
        ``retrieval``: percent of exchanges whose nearest among all paraphrases, which keep the first name, is their
        own; ``retrieval_original`` before any exchange; ``retrieval_worst``: percent of sentences for which this holds
        whatever the name; ``retrieval_stability``: for which the nearest is the same one whatever the name.
        ``names_told_apart``: percent of exchanges where a sentence is nearer to its paraphrase with the same name
        than to the one with the other name; equally near counts a half, so that 50 says that names are not
        in the vector: a model that knows none of them has perfect stability. There are 24 sentences; about ten points
        from 50 may be chance.
    """
    kinds = np.array([template.kind for template in entity_sentences().templates])
    directions = _embed(system, material.seed)
    return _measure_cosines(directions, kinds) | _measure_retrieval(directions) | _measure_names(directions)


def _embed(system: System, seed: int) -> Directions:
    content = entity_sentences()
    generator = np.random.default_rng(seed)
    drawn = {kind: generator.permutation(names)[: NUM_EXCHANGES + 1] for kind, names in content.names.items()}
    texts = [
        form.format(name=name)
        for template in content.templates
        for form in (template.sentence, template.paraphrase)
        for name in drawn[template.kind].tolist()
    ]
    vectors = unit_rows(system.embed(texts)).reshape(len(content.templates), 2, NUM_EXCHANGES + 1, -1)
    sentences, paraphrases = vectors[:, 0], vectors[:, 1]
    return Directions(sentences[:, 0], sentences[:, 1:], paraphrases[:, 0], paraphrases[:, 1:])


def _measure_cosines(directions: Directions, kinds: ndarray) -> dict[str, float]:
    cosines = np.einsum("td,tbd->tb", directions.originals, directions.exchanged)
    different = directions.originals @ directions.originals.T
    others = (kinds[:, None] == kinds) & ~np.eye(len(kinds), dtype=bool)
    nearest_other = np.where(others, different, -np.inf).max(axis=1)
    return {
        "cosine_mean": float(cosines.mean()),
        "cosine_worst": float(cosines.min(axis=1).mean()),
        "cosine_spread": float(cosines.std(axis=1).mean()),
        **{f"cosine_mean_{kind}": float(cosines[kinds == kind].mean()) for kind in dict.fromkeys(kinds.tolist())},
        "cosine_different": float(different[others].mean()),
        "nearer_than_different": percent(cosines > nearest_other[:, None] + EQUAL),
    }


def _measure_retrieval(directions: Directions) -> dict[str, float]:
    own = np.arange(len(directions.originals))
    original = (directions.originals @ directions.paraphrases.T).argmax(axis=1)
    found = np.einsum("tbd,pd->tbp", directions.exchanged, directions.paraphrases).argmax(axis=2)
    return {
        "retrieval": percent(found == own[:, None]),
        "retrieval_original": percent(original == own),
        "retrieval_worst": percent((found == own[:, None]).all(axis=1) & (original == own)),
        "retrieval_stability": percent((found == original[:, None]).all(axis=1)),
    }


def _measure_names(directions: Directions) -> dict[str, float]:
    same = np.einsum("td,td->t", directions.originals, directions.paraphrases)[:, None]
    other = np.einsum("td,tbd->tb", directions.originals, directions.exchanged_paraphrases)
    equal = np.abs(same - other) <= EQUAL
    return {"names_told_apart": 100 * float(np.where(equal, 0.5, same > other).mean())}
