"""Hypotheses have at least so many words."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes
from resay.text import EOS_ID


def minimum_length(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Forbid the end mark before `min_new_tokens` words."""
    least = settings.min_new_tokens

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        if prefixes.num_words < least:
            scores[candidate_ids == EOS_ID] = -np.inf

    return rule if least else None
