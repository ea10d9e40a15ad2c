"""Hypotheses had better avoid certain words of their source."""

from collections.abc import Sequence

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.rule import Ids, Rule, Scores
from resay.engine.decoding.rules.word_values import WordValues
from resay.engine.decoding.search import Prefixes


def source_copy_penalty(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> Rule | None:
    """Take `source_copy_penalty` nats from the words in each request's `penalized_ids`."""
    if not settings.source_copy_penalty or not any(request.penalized_ids for request in requests):
        return None
    penalized = WordValues([dict.fromkeys(request.penalized_ids, 1.0) for request in requests])

    def rule(prefixes: Prefixes, candidate_ids: Ids, scores: Scores) -> None:
        scores -= settings.source_copy_penalty * penalized.of(prefixes.sources, candidate_ids)

    return rule
