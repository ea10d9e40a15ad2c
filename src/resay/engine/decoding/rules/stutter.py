"""No word twice in a row."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes


def no_stutter(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Forbid the word that was said last, if no n-gram may be repeated."""
    if not settings.no_repeat_ngram:
        return None

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        if prefixes.num_words:
            scores[candidate_ids == prefixes.words[:, -1:]] = -np.inf

    return rule
