"""Beam search: the most probable sentences, which are much alike."""

from collections.abc import Mapping

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding import DecodingSettings
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return the one search."""
    return [Start(latent, settings(knobs, knobs.num_hypotheses))]


def settings(knobs: Knobs, num_hypotheses: int) -> DecodingSettings:
    """Return how to search for so many hypotheses."""
    return DecodingSettings(
        "beam",
        num_hypotheses,
        source_copy_penalty=knobs.source_copy_penalty,
        similar_word_bonus=knobs.similar_word_bonus,
    )


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return the penalty on the source's words, all that moves a beam search away from the source."""
    return {"source_copy_penalty": 8.0 * wildness}


BEAM = Strategy(starts, dial, ("num_beams", "source_copy_penalty", "similar_word_bonus"))
