"""A mixture: half of the hypotheses by diverse beam search, half sampled from latents around the text's own."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.latents.nearby import around
from resay.engine.strategies import diverse_beam, sample
from resay.engine.strategies.strategy import Knobs, Start, Strategy


def starts(latent: Float32[ndarray, " Z"], knobs: Knobs, seed: int) -> list[Start]:
    """Return the searches of both halves; of an odd number the larger half is searched by beams."""
    num_samples = knobs.num_hypotheses // 2
    beams = replace(knobs, num_hypotheses=knobs.num_hypotheses - num_samples)
    latents = around(latent, knobs.latent_noise, num_samples + 1, seed, binary=knobs.binary_latents)[1:]
    one_sample = sample.settings(knobs, 1)
    seeds = np.random.SeedSequence(seed).generate_state(num_samples).tolist()
    sampled = [Start(one, one_sample, one_seed) for one, one_seed in zip(latents, seeds, strict=True)]
    return diverse_beam.starts(latent, beams, seed) + sampled


def dial(wildness: float) -> Mapping[str, int | float]:
    """Return the knobs of both halves."""
    return {
        **diverse_beam.dial(wildness),
        **sample.dial(wildness),
        "num_groups": 4,
        "latent_noise": 0.2 + 0.5 * wildness,
        "source_copy_penalty": 5.0 * wildness,
    }


MIXED = Strategy(
    starts,
    dial,
    (
        "num_beams",
        "num_beam_groups",
        "diversity_penalty",
        "temperature",
        "top_k",
        "top_p",
        "latent_noise",
        "source_copy_penalty",
        "similar_word_bonus",
    ),
)
