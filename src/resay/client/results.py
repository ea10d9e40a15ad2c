"""What comes back, as types."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float32
from numpy import ndarray


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one input has no answer; `index` is its place among those that were given."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class EncodedText:
    """One text's vector, and how much of the text was read.

    Attributes:
        vector: Its embedding, or the features that were asked for.
        num_tokens: Tokens that were read.
        num_unknown: How many of these the model does not know.
        truncated: Whether the text was longer than what was read.
    """

    vector: Float32[ndarray, " D"]
    num_tokens: int
    num_unknown: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """One paraphrase; docs/paraphrasing.md says what the numbers are."""

    text: str
    similarity: float
    novelty: float
    log_prob: float
    score: float


@dataclass(frozen=True, slots=True)
class Paraphrases:
    """The paraphrases of one text.

    Attributes:
        candidates: Best score first.
        finish_reason: "complete", "fewer_than_n", "max_new_tokens" or "deadline".
        filtered: How many hypotheses were dropped for which reason.
    """

    candidates: tuple[Candidate, ...]
    finish_reason: str
    filtered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the decoder says of one latent; `log_prob` is a natural logarithm, per token."""

    text: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence on the way between two, and where it first comes up: 0 is at the first, 1 at the second."""

    text: str
    position: float
    log_prob: float
