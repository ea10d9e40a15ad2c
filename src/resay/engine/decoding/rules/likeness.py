"""Hypotheses had better say words like those of their source, each of them once."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes


def similar_word_bonus(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Give `similar_word_bonus` nats, times its similarity, to each word in `similar_words` not said yet."""
    # Several searches of one text share its words: one row of the table for all of them.
    texts = {id(request.similar_words): request.similar_words for request in requests}
    row_of_text = {identity: row for row, identity in enumerate(texts)}
    row_of_source = np.array([row_of_text[id(request.similar_words)] for request in requests], dtype=np.int64)
    triples = [
        (row, word, similarity)
        for row, similar_words in enumerate(texts.values())
        for word, similarity in similar_words.items()
    ]
    if not triples or not settings.similar_word_bonus:
        return None
    rows, words, similarities = map(np.array, zip(*triples, strict=True))
    # One column for each word that is like any source's, and a last one for all others.
    known, columns = np.unique(words, return_inverse=True)
    column_of_word = np.full(int(known[-1]) + 2, len(known), dtype=np.int64)
    column_of_word[known] = np.arange(len(known))
    bonuses = np.zeros((len(texts), len(known) + 1), dtype=np.float64)
    bonuses[rows, columns] = settings.similar_word_bonus * similarities

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        places = column_of_word[np.minimum(candidate_ids, len(column_of_word) - 1)]
        given = bonuses[row_of_source[prefixes.sources][:, np.newaxis], places]
        said = (candidate_ids[:, :, np.newaxis] == prefixes.words[:, np.newaxis, :]).any(axis=2)
        scores += np.where(said, 0.0, given)

    return rule
