"""Hypotheses had better say words like those of their source, each of them once."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.rules.word_values import WordValues
from resay.engine.decoding.search import Prefixes


def similar_word_bonus(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Give `similar_word_bonus` nats, times its similarity, to each word in `similar_words` not said yet."""
    if not settings.similar_word_bonus or not any(request.similar_words for request in requests):
        return None
    similarities = WordValues([request.similar_words for request in requests])

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        given = settings.similar_word_bonus * similarities.of(prefixes.sources, candidate_ids)
        said = (candidate_ids[:, :, np.newaxis] == prefixes.words[:, np.newaxis, :]).any(axis=2)
        scores += np.where(said, 0.0, given)

    return rule
