"""Measures of the candidates of one input.

Formulas, for a source s with candidates c of n words each, and sim the judge's cosine:

    ibleu       α sim(s, c) − (1 − α) BLEU(c, s)                  α = 0.7; iBLEU (Sun and Zhou 2012) has BLEU
                                                                  against a reference where sim stands here
    bert_ibleu  (β + 1) / (β / sim(s, c) + 1 / (1 − BLEU(c, s)))  β = 4; BERT-iBLEU (Niu et al. 2021), which has
                                                                  BERTScore where sim stands here
    distinct_2  different bigrams / all bigrams of the set        (Li et al. 2016)

All but those of the whole set (`self_bleu`, `distinct_2`, `num_delivered`, `all_delivered`, `worst_similarity`) are
means over the candidates. A measure that an input has no value for is NaN: it says nothing of it.
"""

import math
from collections.abc import Sequence
from statistics import fmean

from resay.engine.scores import count_ngrams, novelty
from resay.evaluation.paraphrase.bleu import self_bleu, sentence_bleu
from resay.evaluation.paraphrase.flips import AreAntonyms, antonym_introduced, negation_changed
from resay.evaluation.paraphrase.wording import normal_form, numbers_of, words_of

IBLEU_ALPHA = 0.7
BERT_IBLEU_BETA = 4.0

MEASURES = (
    "similarity",
    "worst_similarity",
    "novelty",
    "self_bleu",
    "distinct_2",
    "source_bleu",
    "ibleu",
    "bert_ibleu",
    "copies",
    "num_delivered",
    "all_delivered",
    "meaning_flips",
    "negation_changed",
    "antonym_introduced",
    "unknown_words",
    "number_errors",
)


def measure_set(
    source: str, candidates: Sequence[str], similarities: Sequence[float], num_wanted: int, are_antonyms: AreAntonyms
) -> dict[str, float]:
    """Return every measure of `MEASURES` for one input.

    Args:
        source: The input.
        candidates: What was delivered for it.
        similarities: The judge's similarity of each candidate to the input.
        num_wanted: Candidates that were asked for.
        are_antonyms: Whether two words are antonyms.

    Raises:
        MissingExtraError: If sacrebleu is not installed.
    """
    words = words_of(source)
    said = [words_of(candidate) for candidate in candidates]
    overlaps = [sentence_bleu(one, [words]) for one in said]
    negated = [negation_changed(words, one) for one in said]
    opposed = [antonym_introduced(words, one, are_antonyms) for one in said]
    pairs = list(zip(similarities, overlaps, strict=True))
    return {
        "similarity": mean(similarities),
        "worst_similarity": min(similarities, default=math.nan),
        "novelty": mean([novelty(words, one) for one in said]),
        "self_bleu": self_bleu(said),
        "distinct_2": distinct_ngrams(said, 2),
        "source_bleu": mean(overlaps),
        "ibleu": mean([ibleu(similarity, overlap) for similarity, overlap in pairs]),
        "bert_ibleu": mean([bert_ibleu(similarity, overlap) for similarity, overlap in pairs]),
        "copies": share([normal_form(one) == normal_form(source) for one in candidates]),
        "num_delivered": float(len(candidates)),
        "all_delivered": float(len(candidates) >= num_wanted),
        "meaning_flips": share([one or other for one, other in zip(negated, opposed, strict=True)]),
        "negation_changed": share(negated),
        "antonym_introduced": share(opposed),
        "unknown_words": share(["<unk>" in one for one in candidates]),
        "number_errors": share([numbers_of(one) != numbers_of(source) for one in candidates]),
    }


def mean(values: Sequence[float]) -> float:
    """Return the mean; NaN of nothing."""
    return fmean(values) if values else math.nan


def share(flags: Sequence[bool]) -> float:
    """Return the share of true ones; NaN of nothing."""
    return mean([float(flag) for flag in flags])


def distinct_ngrams(texts: Sequence[Sequence[str]], size: int) -> float:
    """Return the share of a set's n-grams that are different ones; NaN if there is none."""
    grams = sum((count_ngrams(words, size) for words in texts), start=count_ngrams((), size))
    return len(grams) / grams.total() if grams else math.nan


def ibleu(similarity: float, source_bleu: float) -> float:
    """Return α sim − (1 − α) BLEU: what meaning is kept less what wording is kept."""
    return IBLEU_ALPHA * similarity - (1 - IBLEU_ALPHA) * source_bleu


def bert_ibleu(similarity: float, source_bleu: float) -> float:
    """Return the harmonic mean of similarity, β times, and 1 − BLEU, once; 0 if either is 0 or less."""
    if similarity <= 0 or source_bleu >= 1:
        return 0.0
    return (BERT_IBLEU_BETA + 1) / (BERT_IBLEU_BETA / similarity + 1 / (1 - source_bleu))
