"""One combination to measure, as it travels to the process that measures it."""

import json
from dataclasses import asdict, dataclass

from resay.losses import LossOptions

# weighted-ce-affine: similarities (1 + s) / 2 and eps = 0, the closed form that needs no rows of similarities.
LOSS_OPTIONS: dict[str, tuple[str, LossOptions]] = {
    "ce": ("ce", LossOptions()),
    "soft-label": ("soft-label", LossOptions()),
    "weighted-ce": ("weighted-ce", LossOptions()),
    "weighted-ce-affine": ("weighted-ce", LossOptions(eps=0.0, negatives="affine")),
    "weighted-sim": ("weighted-sim", LossOptions()),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LossCase:
    """What is measured in one process.

    Attributes:
        device: "cpu" or "cuda".
        dtype: Of hidden states and output layer: "float32" or "bfloat16".
        threads: torch's.
        allocator: "default", or "tuned" by `resay.losses.tune_cpu_allocator`.
        vocab_size: V.
        loss: A key of `LOSS_OPTIONS`.
        forms: Keys of `loss_forms.FORMS`: one for its memory, several for their times.
        num_tokens: T.
        hidden_size: H.
        word_vector_size: E.
        num_neighbours: N of soft-label.
        random_tables: Whether tables of neighbours and similarities are made up (right in shape and type) rather than
            computed, which takes V²·E operations.
        seed: Decides every number.
        repetitions: Rounds at most; 0 measures memory.
        seconds: No further round begins after so many.
    """

    device: str
    dtype: str
    threads: int
    allocator: str
    vocab_size: int
    loss: str
    forms: tuple[str, ...]
    num_tokens: int
    hidden_size: int
    word_vector_size: int
    num_neighbours: int
    random_tables: bool
    seed: int
    repetitions: int
    seconds: float

    def to_json(self) -> str:
        """Return the case as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "LossCase":
        """Return the case that `to_json` wrote."""
        fields = json.loads(text)
        return cls(**fields | {"forms": tuple(fields["forms"])})
