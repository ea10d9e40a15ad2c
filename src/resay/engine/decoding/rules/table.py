"""The rules. A new one is one function and one row here."""

from collections.abc import Sequence

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.rules.copying import source_copy_penalty
from resay.engine.decoding.rules.length import minimum_length
from resay.engine.decoding.rules.likeness import similar_word_bonus
from resay.engine.decoding.rules.numbers import number_count
from resay.engine.decoding.rules.repetition import no_repeated_ngram
from resay.engine.decoding.rules.rule import MakeRule, Rule
from resay.engine.decoding.rules.stutter import no_stutter

RULES: tuple[MakeRule, ...] = (
    no_repeated_ngram,
    no_stutter,
    source_copy_penalty,
    similar_word_bonus,
    minimum_length,
    number_count,
)
"""They add, take away and forbid, so their order does not matter."""

SPARE_CANDIDATES = 24
"""Candidates looked at beyond what a search needs, in place of those that rules forbid or push back.

It does not depend on the requests, so that none can change what another gets to see.
"""


def make_rules(settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> list[Rule]:
    """Return the rules that have something to do for requests with these settings."""
    made = [make(settings, requests) for make in RULES]
    return [rule for rule in made if rule is not None]
