"""What one process of the training benchmark measures, as it travels there."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingCase:
    """Sizes and choices of a training benchmark.

    Attributes:
        threads: torch's.
        allocator: "default", or "tuned" by `resay.losses.tune_cpu_allocator`.
        losses: Which losses: "ce", "soft-label".
        variants: Which variants, keys of `training_variants.VARIANTS`.
        vocab_size: V, the special words included.
        hidden_size: H.
        word_vector_size: E.
        batch_size: B.
        max_length: Tokens of the longest sentence; padded variants pad to it.
        num_batches: Batches that every variant trains on in a round: the same sentences for all.
        num_sentences: Sentences of the corpus that they are taken from.
        repetitions: Rounds at most.
        seconds: No further round begins after so many.
        seed: Decides every number.
    """

    threads: int
    allocator: str
    losses: tuple[str, ...]
    variants: tuple[str, ...]
    vocab_size: int
    hidden_size: int
    word_vector_size: int
    batch_size: int
    max_length: int
    num_batches: int
    num_sentences: int
    repetitions: int
    seconds: float
    seed: int

    def to_json(self) -> str:
        """Return the case as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "TrainingCase":
        """Return the case that `to_json` wrote."""
        fields = json.loads(text)
        return cls(**fields | {name: tuple(fields[name]) for name in ("losses", "variants")})
