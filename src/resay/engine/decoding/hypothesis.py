"""What decoding is asked for, and what comes out of it."""

import math
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float32
from numpy import ndarray

Stop = Literal["end", "length", "deadline"]


@dataclass(frozen=True, slots=True)
class DecodingSettings:
    """How to search; sources with equal settings are searched together.

    Attributes:
        strategy: A name in `STRATEGIES`.
        num_beams: Most hypotheses for each source.
    """

    strategy: str = "beam"
    num_beams: int = 1


@dataclass(frozen=True, slots=True)
class DecodingRequest:
    """One latent to put into words.

    Attributes:
        latent: Where the decoder starts.
        settings: How to search.
        max_new_tokens: Most tokens of a hypothesis, the end mark included.
        deadline: When to stop and return what there is, in seconds of `time.monotonic`.
    """

    latent: Float32[ndarray, " Z"]
    settings: DecodingSettings
    max_new_tokens: int
    deadline: float = math.inf


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One decoded sentence.

    Attributes:
        token_ids: Its words, without the end mark.
        log_prob: Mean natural log-probability of its tokens, the end mark included where it came; at most 0.
        stop: "end" for a whole sentence; "length" or "deadline" for one that was cut off there.
    """

    token_ids: tuple[int, ...]
    log_prob: float
    stop: Stop


def rank(hypotheses: list[Hypothesis], num_best: int) -> list[Hypothesis]:
    """Return the best hypotheses: whole sentences first, then by log-probability, ties by their words."""
    order = sorted(hypotheses, key=lambda item: (item.stop != "end", -item.log_prob, item.token_ids))
    return order[:num_best]
