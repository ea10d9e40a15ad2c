"""What comes back for one text."""

from dataclasses import dataclass
from typing import Literal

from resay.engine.candidates import FilterReason

FinishReason = Literal["complete", "fewer_than_n", "max_new_tokens", "deadline"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One paraphrase; `resay.engine.scores` says what the numbers are."""

    text: str
    similarity: float
    novelty: float
    log_prob: float
    score: float


@dataclass(frozen=True, slots=True)
class Paraphrases:
    """The paraphrases of one text.

    Attributes:
        candidates: Best score first, at most as many as were asked for.
        finish_reason: "complete" if they are as many as asked for; "fewer_than_n" if no more were left;
            "deadline" or "max_new_tokens" if time or length ended the search before.
        filtered: How many hypotheses were dropped for which reason.
        num_tokens: Tokens of the source.
        num_unknown: How many of these are outside the vocabulary.
    """

    candidates: list[Candidate]
    finish_reason: FinishReason
    filtered: dict[FilterReason, int]
    num_tokens: int
    num_unknown: int
