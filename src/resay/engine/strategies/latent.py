"""Latent noise: the decoder speaks from points around the text's own latent.

What only an autoencoder has: near a latent lie those of sentences that mean much the same.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.latents.nearby import around
from resay.engine.strategies import beam
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return a small beam search from each of `num_groups` latents, the first of which is the text's own."""
    num_latents = min(knobs.num_groups, knobs.num_hypotheses)
    sizes = [len(part) for part in np.array_split(np.arange(knobs.num_hypotheses), num_latents)]
    latents = around(latent, knobs.latent_noise, num_latents, seed, binary=knobs.binary_latents)
    return [Start(one, beam.settings(knobs, size)) for one, size in zip(latents, sizes, strict=True)]


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return the noise, with a mild penalty for the words of the source."""
    return {"num_groups": 8, "latent_noise": 0.2 + wildness, "source_copy_penalty": 3.0 * wildness}


LATENT = Strategy(
    starts, dial, ("num_beams", "num_beam_groups", "latent_noise", "source_copy_penalty", "similar_word_bonus")
)
