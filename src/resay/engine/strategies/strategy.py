"""The contract between the paraphraser and a strategy: where decoding starts from, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding import DecodingSettings


@dataclass(frozen=True, slots=True)
class Knobs:
    """The raw settings of decoding; a strategy reads some of them.

    Attributes:
        num_hypotheses: Sentences to search for, of which the best are returned.
        num_groups: Parts that the hypotheses fall into: groups of beams, or latents.
        diversity_penalty: Nats taken from a word for each earlier group that chose it at the same step.
        temperature: Log-probabilities are divided by it before sampling.
        top_k: Words that are sampled from, the most probable ones.
        top_p: Share of the probability that is sampled from, the most probable words of it.
        latent_noise: Length of the noise added to a latent, as a share of the latent's own; `latents.nearby` says what
            it is for bits.
        binary_latents: Whether latents are zeros and ones; comes from the model.
        source_copy_penalty: Nats taken from the content words of the source.
        similar_word_bonus: Nats given to words like the content words of the source, times their similarity.
    """

    num_hypotheses: int = 16
    num_groups: int = 1
    diversity_penalty: float = 0.0
    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    latent_noise: float = 0.0
    binary_latents: bool = False
    source_copy_penalty: float = 0.0
    similar_word_bonus: float = 5.0


@dataclass(frozen=True, slots=True)
class Start:
    """One search: from which latent, how, and with which seed."""

    latent: Float32[ndarray, " Z"]
    settings: DecodingSettings
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way from a latent to hypotheses.

    Attributes:
        starts: The searches for one text, from its latent, the knobs and its seed.
        dial: The knobs that the dial moves, as a function of the wildness in [0, 1]: 0 stays as close to the
            source as the strategy can, 1 is more than anyone wants. `resay.engine.dial` says which wildness
            a diversity stands for.
        options: Names of the request's options that the strategy reads in place of the dial.
    """

    starts: Callable[[Float32[ndarray, " Z"], Knobs, int], list[Start]]
    dial: Callable[[float], Mapping[str, int | float]]
    options: tuple[str, ...]
