"""Hypotheses had better say words like those of their source, each of them once."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes


def similar_word_bonus(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Give `similar_word_bonus` nats, times its similarity, to each word in `similar_words` not said yet."""
    triples = [
        (source, word, similarity)
        for source, request in enumerate(requests)
        for word, similarity in request.similar_words.items()
    ]
    if not triples or not settings.similar_word_bonus:
        return None
    sources, words, similarities = map(np.array, zip(*triples, strict=True))
    # One column for each word that is like any source's, and a last one for all others.
    known, columns = np.unique(words, return_inverse=True)
    column_of_word = np.full(int(known[-1]) + 2, len(known), dtype=np.int64)
    column_of_word[known] = np.arange(len(known))
    bonuses = np.zeros((len(requests), len(known) + 1), dtype=np.float64)
    bonuses[sources, columns] = settings.similar_word_bonus * similarities

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        places = column_of_word[np.minimum(candidate_ids, len(column_of_word) - 1)]
        given = bonuses[prefixes.sources[:, np.newaxis], places]
        said = (candidate_ids[:, :, np.newaxis] == prefixes.words[:, np.newaxis, :]).any(axis=2)
        scores += np.where(said, 0.0, given)

    return rule
