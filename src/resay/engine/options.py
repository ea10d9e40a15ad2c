"""What is wanted of one text, and the knobs that follow from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from resay.engine.card import Calibration
from resay.engine.dial import wildness
from resay.engine.strategies import STRATEGIES, Knobs

MAX_BEAMS = 64
DEFAULT_STRATEGY = "mixed"
DEFAULT_DIVERSITY = 0.5
HYPOTHESES_A_CANDIDATE = 4
FEWEST_HYPOTHESES = 20

KNOB_OF_OPTION: Mapping[str, str] = {
    "num_beams": "num_hypotheses",
    "num_beam_groups": "num_groups",
    "diversity_penalty": "diversity_penalty",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "latent_noise": "latent_noise",
    "source_copy_penalty": "source_copy_penalty",
    "similar_word_bonus": "similar_word_bonus",
}
"""The options that override the dial, under the names of the API, and the knobs that they set."""


@dataclass(frozen=True, slots=True)
class ParaphraseOptions:
    """What is wanted of one text.

    Attributes:
        num_candidates: Most candidates to return.
        strategy: A name in `STRATEGIES`.
        diversity: The dial, 0 to 1: 0 stays as close to the text as the model can, 1 is the wildest setting
            that still keeps the meaning, as far as that was measured when the model was exported.
        seed: Decides what is drawn; the same seed gives the same candidates whatever else is decoded.
        min_similarity: Candidates less similar to the source are dropped.
        allow_identity: Whether the source itself may be a candidate.
        protect: Spans of the text that come back exactly.
        max_new_tokens: Most tokens of a candidate, the end mark included; by default as the source's length
            suggests.
        deadline: When to stop decoding, in seconds of `time.monotonic`.
        num_beams: This and the following take the place of what the dial says; see `Knobs`. Hypotheses to
            search for; by default several times the candidates, since copies will be dropped.
        num_beam_groups: Groups of beams, or latents.
        diversity_penalty: Between groups of beams.
        temperature: Of sampling.
        top_k: Of sampling.
        top_p: Of sampling.
        latent_noise: Around the text's latent.
        source_copy_penalty: On the words of the source.
        similar_word_bonus: For words like those of the source.
    """

    num_candidates: int = 5
    strategy: str = DEFAULT_STRATEGY
    diversity: float = DEFAULT_DIVERSITY
    seed: int = 0
    min_similarity: float = 0.0
    allow_identity: bool = False
    protect: tuple[str, ...] = ()
    max_new_tokens: int | None = None
    deadline: float = math.inf
    num_beams: int | None = None
    num_beam_groups: int | None = None
    diversity_penalty: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    latent_noise: float | None = None
    source_copy_penalty: float | None = None
    similar_word_bonus: float | None = None

    @property
    def num_hypotheses(self) -> int:
        """Return how many hypotheses to search for."""
        if self.strategy == "greedy":
            return 1
        if self.num_beams is not None:
            return self.num_beams
        return min(MAX_BEAMS, max(FEWEST_HYPOTHESES, HYPOTHESES_A_CANDIDATE * self.num_candidates))

    def knobs(self, calibration: Calibration | None, *, binary_latents: bool = False) -> Knobs:
        """Return the raw settings: those that the dial stands for, unless they are given one by one."""
        dialled = STRATEGIES[self.strategy].dial(wildness(calibration, self.strategy, self.diversity))
        given = {knob: getattr(self, option) for option, knob in KNOB_OF_OPTION.items()}
        chosen = {**dialled, **{knob: value for knob, value in given.items() if value is not None}}
        return replace(Knobs(binary_latents=binary_latents), **{**chosen, "num_hypotheses": self.num_hypotheses})


@dataclass(frozen=True, slots=True)
class ParaphraseItem:
    """One text and what is wanted of it."""

    text: str
    options: ParaphraseOptions
