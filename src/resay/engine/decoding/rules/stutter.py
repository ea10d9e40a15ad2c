"""No word twice in a row."""

from collections.abc import Sequence

import numpy as np

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.search import Prefixes
from resay.text import NUM_ID


def no_stutter(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Forbid the word that was said last, unless `no_repeat_ngram` is off.

    Numbers may follow each other, and so may the words in a request's `doubled_ids`.
    """
    if not settings.no_repeat_ngram:
        return None
    doubled = {(source, word) for source, request in enumerate(requests) for word in request.doubled_ids}

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        if not prefixes.num_words:
            return
        last = prefixes.words[:, -1]
        free = last == NUM_ID
        if doubled:
            free |= np.array([pair in doubled for pair in zip(prefixes.sources.tolist(), last.tolist(), strict=True)])
        scores[(candidate_ids == last[:, np.newaxis]) & ~free[:, np.newaxis]] = -np.inf

    return rule
