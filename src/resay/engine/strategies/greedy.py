"""Greedy decoding: the one sentence that the decoder finds word by word most probable."""

from collections.abc import Mapping

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding import DecodingSettings
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return the one search."""
    settings = DecodingSettings(
        "greedy",
        source_copy_penalty=knobs.source_copy_penalty,
        similar_word_bonus=knobs.similar_word_bonus,
    )
    return [Start(latent, settings)]


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return the penalty on the source's words, all that moves a greedy search."""
    return {"source_copy_penalty": 8.0 * wildness}


GREEDY = Strategy(starts, dial, ("source_copy_penalty", "similar_word_bonus"))
