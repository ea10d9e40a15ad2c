"""What decoding is asked for, and what comes out of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jaxtyping import Float32
from numpy import ndarray

from resay.errors import SettingsError

Stop = Literal["end", "length", "deadline"]

LEAST = {
    "num_hypotheses": 1,
    "num_groups": 1,
    "diversity_penalty": 0,
    "temperature": 0,
    "top_k": 1,
    "top_p": 0,
    "no_repeat_ngram": 0,
    "source_copy_penalty": 0,
    "similar_word_bonus": 0,
    "min_new_tokens": 0,
}
"""The least value of each setting that is a number."""


@dataclass(frozen=True, slots=True)
class DecodingSettings:
    """How to search; sources with equal settings are searched together.

    A setting that the search does not know, such as the temperature of a beam search, changes nothing.

    Attributes:
        search: A name in `SEARCHES`.
        num_hypotheses: Most hypotheses for each source.
        num_groups: diverse-beam: groups that the beams fall into; at most `num_hypotheses` are made.
        diversity_penalty: diverse-beam: nats taken from a word for each beam of an earlier group that chose it
            at the same step.
        temperature: sample: log-probabilities are divided by it; 0 takes the best word.
        top_k: sample: words that are drawn from, the most probable ones.
        top_p: sample: share of their probability that is drawn from, the most probable words of it.
        no_repeat_ngram: Words in a row that must not occur twice in a hypothesis; 0 allows all.
        source_copy_penalty: Nats taken from the words in a request's `penalized_ids`.
        similar_word_bonus: Nats given to the words in a request's `similar_words`, times their similarity.
        min_new_tokens: Fewest words of a hypothesis that ends, the end mark not counted.

    Raises:
        SettingsError: If a number is out of range.
    """

    search: str = "beam"
    num_hypotheses: int = 1
    num_groups: int = 1
    diversity_penalty: float = 0.0
    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    no_repeat_ngram: int = 3
    source_copy_penalty: float = 0.0
    similar_word_bonus: float = 0.0
    min_new_tokens: int = 1

    def __post_init__(self) -> None:
        """Refuse what no search can work with."""
        for name, least in LEAST.items():
            value = getattr(self, name)
            if not least <= value < math.inf:
                raise SettingsError(f"{name} must be finite and at least {least}; got {value}")


@dataclass(frozen=True, slots=True)
class DecodingRequest:
    """One latent to put into words.

    Attributes:
        latent: Where the decoder starts.
        settings: How to search.
        max_new_tokens: Most tokens of a hypothesis, the end mark included.
        deadline: When to stop and return what there is, in seconds of `time.monotonic`.
        seed: Decides what is sampled, whatever else is decoded beside it; any integer.
        penalized_ids: Words of the source that a paraphrase had better avoid.
        similar_words: Words that a paraphrase may well say, with their similarity to one of the source's, 0 to 1.
        doubled_ids: Words that the source says twice in a row, as "very very": a hypothesis may do so too.
        num_numbers: How many times a hypothesis has NUM_ID: more are not allowed, nor an end before.
    """

    latent: Float32[ndarray, " Z"]
    settings: DecodingSettings
    max_new_tokens: int
    deadline: float = math.inf
    seed: int = 0
    penalized_ids: tuple[int, ...] = ()
    similar_words: Mapping[int, float] = field(default_factory=dict)
    doubled_ids: tuple[int, ...] = ()
    num_numbers: int = 0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One decoded sentence.

    Attributes:
        token_ids: Its words, without the end mark.
        log_prob: Mean natural log-probability of its tokens, the end mark included where it came; at most 0.
            The model's own: no penalty and no temperature has a part in it.
        stop: "end" for a whole sentence; "length" or "deadline" for one that was cut off there.
    """

    token_ids: tuple[int, ...]
    log_prob: float
    stop: Stop
