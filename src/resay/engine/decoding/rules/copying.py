"""Hypotheses had better avoid certain words of their source."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes


def source_copy_penalty(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Take `source_copy_penalty` nats from the words in each request's `penalized_ids`."""
    pairs = [(source, word) for source, request in enumerate(requests) for word in request.penalized_ids]
    if not pairs or not settings.source_copy_penalty:
        return None
    sources, words = np.array(pairs, dtype=np.int64).T
    # One column for each word that any source penalises, and a last one for all others: S × V would be large.
    known, columns = np.unique(words, return_inverse=True)
    column_of_word = np.full(int(known[-1]) + 2, len(known), dtype=np.int64)
    column_of_word[known] = np.arange(len(known))
    penalties = np.zeros((len(requests), len(known) + 1), dtype=np.float64)
    penalties[sources, columns] = settings.source_copy_penalty

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        places = column_of_word[np.minimum(candidate_ids, len(column_of_word) - 1)]
        scores -= penalties[prefixes.sources[:, np.newaxis], places]

    return rule
