"""Hypotheses do not say the same words in a row twice."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes
from resay.text import NUM_ID


def no_repeated_ngram(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Forbid words that would complete a second occurrence of `no_repeat_ngram` words in a row.

    What holds a number is free: a text may list numbers, and `number_count` says how many there are.
    """
    size = settings.no_repeat_ngram

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        words = prefixes.words
        num_ngrams = prefixes.num_words - size + 1
        if num_ngrams <= 0:
            return
        # Where the last size − 1 words stand already: the word after them is the one to forbid.
        same = np.ones((len(words), num_ngrams), dtype=np.bool_)
        for offset in range(size - 1):
            same &= words[:, offset : offset + num_ngrams] == words[:, num_ngrams + offset, np.newaxis]
        places, starts = np.nonzero(same)
        if not len(places):
            return
        with_number = (words == NUM_ID)[places[:, np.newaxis], starts[:, np.newaxis] + np.arange(size)].any(axis=1)
        places, starts = places[~with_number], starts[~with_number]
        forbidden = words[places, starts + size - 1]
        found, columns = np.nonzero(candidate_ids[places] == forbidden[:, np.newaxis])
        scores[places[found], columns] = -np.inf

    return rule if size else None
