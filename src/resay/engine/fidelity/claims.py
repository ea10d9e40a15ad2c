"""Which words of a hypothesis stand for which slot."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """The words of a hypothesis that a slot takes the place of.

    Attributes:
        slot: Index of the slot.
        start: The first of the words.
        stop: The word after the last; equal to `start` where the slot is put between two words.
    """

    slot: int
    start: int
    stop: int


def owners(num_words: int, claims: Sequence[Claim]) -> list[int]:
    """Return for each word the slot that it stands for, -1 if it is free."""
    owned = [-1] * num_words
    for claim in claims:
        owned[claim.start : claim.stop] = [claim.slot] * (claim.stop - claim.start)
    return owned
