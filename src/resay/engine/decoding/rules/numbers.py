"""Hypotheses have as many numbers as their source, so that each of its numbers can be put back."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes
from resay.text import EOS_ID, NUM_ID


def number_count(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule:
    """Forbid numbers beyond `num_numbers`, and the end mark before they are all there."""
    wanted = np.array([request.num_numbers for request in requests], dtype=np.int64)
    most = int(wanted.max())

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        if not most:
            scores[candidate_ids == NUM_ID] = -np.inf
            return
        missing = wanted[prefixes.sources] - (prefixes.words == NUM_ID).sum(axis=1)
        forbidden = np.where(missing > 0, EOS_ID, NUM_ID)
        scores[candidate_ids == forbidden[:, np.newaxis]] = -np.inf

    return rule
