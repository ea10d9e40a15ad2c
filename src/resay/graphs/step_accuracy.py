"""How many words of known sentences a step graph says right."""

from dataclasses import dataclass

from jaxtyping import Float32, Int64
from numpy import ndarray
from onnxruntime import InferenceSession

from resay.graphs.greedy_steps import greedy_steps

MAX_ROWS = 256
"""Of one call: each needs V floats."""


@dataclass(frozen=True, slots=True)
class StepAccuracy:
    """Words and end marks that were the most probable at their place.

    Attributes:
        num_forced: With the true words before them (teacher forcing).
        num_free: With whatever the graph itself had said before them (greedy, free-running).
        num_targets: All of them.
    """

    num_forced: int
    num_free: int
    num_targets: int

    @property
    def token_accuracy(self) -> float:
        """Return the share under teacher forcing."""
        return self.num_forced / self.num_targets

    @property
    def reconstruction_accuracy(self) -> float:
        """Return the share in greedy reconstructions."""
        return self.num_free / self.num_targets


def measure_step(
    session: InferenceSession, latents: Float32[ndarray, "B Z"], targets: Int64[ndarray, "B S"], hidden_size: int
) -> StepAccuracy:
    """Let a step graph say sentences again, with and without being told the words before.

    Args:
        session: decoder_step.onnx.
        latents: Of the sentences.
        targets: Each sentence and its end mark, then any negative number.
        hidden_size: H.
    """
    num_forced = num_free = 0
    for start in range(0, len(latents), MAX_ROWS):
        part = slice(start, start + MAX_ROWS)
        num_forced += count_right(session, latents[part], targets[part], hidden_size, forced=True)
        num_free += count_right(session, latents[part], targets[part], hidden_size, forced=False)
    return StepAccuracy(num_forced, num_free, int((targets >= 0).sum()))


def count_right(
    session: InferenceSession,
    latents: Float32[ndarray, "B Z"],
    targets: Int64[ndarray, "B S"],
    hidden_size: int,
    *,
    forced: bool,
) -> int:
    """Return how many targets are the most probable word; `forced` feeds the targets back, else what was said."""
    steps = greedy_steps(session, latents, hidden_size, targets if forced else None)
    num_right = 0
    for step, said in zip(range(targets.shape[1]), steps, strict=False):
        num_right += int((said.token_ids == targets[said.rows, step]).sum())
    return num_right
