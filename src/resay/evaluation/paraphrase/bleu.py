"""BLEU of single sentences by sacrebleu, in [0, 1]."""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean
from typing import Any

from resay.errors import MissingExtraError


@lru_cache(maxsize=1)
def _metric() -> Any:  # noqa: ANN401  an optional package
    """Return sacrebleu's BLEU on words that are already split.

    Raises:
        MissingExtraError: If sacrebleu is not installed.
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError:
        raise MissingExtraError(
            "BLEU needs sacrebleu, not installed here; run: pip install 'resay[evaluation]'"
        ) from None
    return BLEU(effective_order=True, tokenize="none", force=True)


def sentence_bleu(candidate: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Return BLEU of a sentence against one or several others.

    4-grams at most, or as long as the candidate allows (effective order), with exponential smoothing.

    Args:
        candidate: Words.
        references: Words of each; at least one.

    Raises:
        MissingExtraError: If sacrebleu is not installed.
    """
    score = _metric().sentence_score(" ".join(candidate), [" ".join(reference) for reference in references]).score
    return min(1.0, float(score) / 100)


def self_bleu(candidates: Sequence[Sequence[str]]) -> float:
    """Return the mean BLEU of each candidate against all others of its set (Zhu et al. 2018); NaN below two.

    1 means that all say the same in the same words.
    """
    if len(candidates) < 2:
        return math.nan
    return fmean(
        sentence_bleu(candidate, [*candidates[:index], *candidates[index + 1 :]])
        for index, candidate in enumerate(candidates)
    )
