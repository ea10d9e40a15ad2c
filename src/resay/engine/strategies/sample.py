"""Sampling: each hypothesis drawn word by word from the decoder's own probabilities."""

from collections.abc import Mapping

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding import DecodingSettings
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return the one search, of independent samples."""
    return [Start(latent, settings(knobs, knobs.num_hypotheses), seed)]


def settings(knobs: Knobs, num_hypotheses: int) -> DecodingSettings:
    """Return how to sample so many hypotheses."""
    return DecodingSettings(
        "sample",
        num_hypotheses,
        temperature=knobs.temperature,
        top_k=knobs.top_k,
        top_p=knobs.top_p,
        source_copy_penalty=knobs.source_copy_penalty,
        similar_word_bonus=knobs.similar_word_bonus,
    )


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return temperature and the penalty for the words of the source."""
    return {"temperature": 0.7 + 0.5 * wildness, "top_p": 0.95, "source_copy_penalty": 5.0 * wildness}


SAMPLE = Strategy(
    starts, dial, ("num_beams", "temperature", "top_k", "top_p", "source_copy_penalty", "similar_word_bonus")
)
