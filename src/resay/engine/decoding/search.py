"""The contract between the shared step loop and a decoding strategy."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Bool, Float32, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import Hypothesis, Stop

IMPOSSIBLE = -1e8
"""A log-probability below this marks a word that the graph masks; a strategy must never choose it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The decoder rows of the next step.

    Attributes:
        parents: Which row of the last step each continues, counted within the search; its state is carried
            over.
        token_ids: The token that each row is fed.
        sources: Which source each row belongs to, ascending.
    """

    parents: Int64[ndarray, " R"]
    token_ids: Int64[ndarray, " R"]
    sources: Int64[ndarray, " R"]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.sources)


@runtime_checkable
class Search(Protocol):
    """The state of one strategy over several sources that share their settings.

    The search decides, the step loop computes. A source without rows is finished.
    """

    @property
    def num_candidates(self) -> int:
        """Return how many of the most probable tokens it wants to see for each row."""

    def start(self) -> Rows:
        """Return the rows of the first step, all fed the begin mark; their parents do not matter."""

    def advance(self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"]) -> Rows:
        """Take in one step's candidates, best first, and return the rows of the next step."""

    def cut(self, expired: Bool[ndarray, " S"], stop: Stop) -> Rows:
        """End these sources with what they have; return the others' rows, as `advance` returned them."""

    def results(self) -> list[list[Hypothesis]]:
        """Return the hypotheses of each source, best first."""
