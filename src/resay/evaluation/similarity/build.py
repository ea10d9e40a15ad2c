"""From a text file to graded pairs."""

from pathlib import Path

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.corpus import read_lines
from resay.errors import CorpusError, SettingsError
from resay.evaluation.paraphrase.judge import Judge
from resay.evaluation.paraphrase.wording import normal_form
from resay.evaluation.similarity.candidates import SOURCES, Sentences
from resay.evaluation.similarity.graded_pairs import DIGITS, GradedPairs, sha256_of
from resay.evaluation.similarity.spreading import draw_evenly

MAX_SENTENCES = 10_000
"""Drawn from a longer file; ten thousand take the judge a minute or two."""
MAX_USES = 3
"""Pairs in which one sentence stands, at most: no few sentences decide a score."""


def build_pairs(text: Path, judge: Judge, num_pairs: int = 2000, seed: int = 0) -> GradedPairs:
    """Draw pairs of a text's sentences whose grades lie evenly between 0 and 1 as far as there are any.

    Two sentences that differ in case, spacing and punctuation alone never make a pair. A text of a few thousand
    lines has few pairs of high grades; `GradedPairs.grades` tells.

    Args:
        text: One sentence a line, which no system under test was trained on.
        judge: Grades by the cosine of its vectors.
        num_pairs: Wanted; there may be fewer.
        seed: Decides which sentences and pairs are drawn.

    Raises:
        CorpusError: If the text cannot be read or has fewer than two different sentences.
        SettingsError: If `num_pairs` is below 1.
        MissingExtraError: If scipy is not installed.
    """
    if num_pairs < 1:
        raise SettingsError(f"num_pairs must be 1 at least; got {num_pairs}")
    text_sha256 = sha256_of(text)
    lines = list(read_lines([text]))
    chosen = _different(lines, seed)
    texts = [lines[place] for place in chosen.tolist()]
    vectors = judge.embed(texts)
    pairs, sources = _candidates(Sentences(texts, vectors, seed))
    grades = np.einsum("pd,pd->p", vectors[pairs[:, 0]], vectors[pairs[:, 1]], dtype=np.float64).round(DIGITS)
    drawn = draw_evenly(grades, sources, pairs, num_pairs=num_pairs, max_uses=MAX_USES, seed=seed)
    names = tuple(SOURCES)
    return GradedPairs(
        sentences=tuple((texts[first], texts[second]) for first, second in pairs[drawn].tolist()),
        lines=chosen[pairs[drawn]],
        grades=grades[drawn],
        sources=tuple(names[number] for number in sources[drawn].tolist()),
        text_sha256=text_sha256,
        judge=judge.name,
        seed=seed,
    )


def _different(lines: list[str], seed: int) -> Int64[ndarray, " N"]:
    """Return the numbers of lines of which no two are alike, drawn if there are too many."""
    first_places: dict[tuple[str, ...], int] = {}
    for place, line in enumerate(lines):
        first_places.setdefault(normal_form(line), place)
    if len(first_places) < 2:
        raise CorpusError(f"pairs need two different sentences; the text has {len(first_places)}")
    places = np.array(list(first_places.values()), dtype=np.int64)
    return np.sort(np.random.default_rng(seed).permutation(places)[:MAX_SENTENCES])


def _candidates(sentences: Sentences) -> tuple[Int64[ndarray, "P 2"], Int64[ndarray, " P"]]:
    """Return the pairs of all sources, each once, and which source named it first."""
    found = [source(sentences) for source in SOURCES.values()]
    pairs = np.sort(np.concatenate(found), axis=1)
    sources = np.repeat(np.arange(len(found)), [len(one) for one in found])
    different = pairs[:, 0] != pairs[:, 1]
    pairs, sources = pairs[different], sources[different]
    _, first = np.unique(pairs, axis=0, return_index=True)
    return pairs[first], sources[first]
