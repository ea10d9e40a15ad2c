"""Diverse beam search (Vijayakumar et al. 2018): groups of beams that avoid each other's words."""

from collections.abc import Mapping

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding import DecodingSettings
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return the one search, over all groups."""
    settings = DecodingSettings(
        "diverse-beam",
        knobs.num_hypotheses,
        num_groups=min(knobs.num_groups, knobs.num_hypotheses),
        diversity_penalty=knobs.diversity_penalty,
        source_copy_penalty=knobs.source_copy_penalty,
        similar_word_bonus=knobs.similar_word_bonus,
    )
    return [Start(latent, settings)]


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return the penalties for the words of other groups and for those of the source."""
    return {"num_groups": 4, "diversity_penalty": 0.3 + 2.7 * wildness, "source_copy_penalty": 6.0 * wildness}


DIVERSE_BEAM = Strategy(
    starts, dial, ("num_beams", "num_beam_groups", "diversity_penalty", "source_copy_penalty", "similar_word_bonus")
)
