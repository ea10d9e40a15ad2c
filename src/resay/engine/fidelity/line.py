"""A hypothesis with its slots in place, on its way to being text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from resay.engine.fidelity.claims import Claim
from resay.engine.fidelity.slots import Slot


@dataclass(slots=True)
class Line:
    """The words of a candidate.

    Attributes:
        words: All of them, normalised.
        fixed: How each is written, as `resay.text.write_prose` takes it: a slot's first word has all of the
            slot's surface, its other words have none. None if there is no slot.
        placed: Where which slot begins, in order.
    """

    words: list[str]
    fixed: list[str | None] | None = None
    placed: list[tuple[int, Slot]] = field(default_factory=list)

    def is_fixed(self, position: int) -> bool:
        """Return whether a word is part of a slot."""
        return self.fixed is not None and self.fixed[position] is not None

    def insert(self, position: int, word: str) -> None:
        """Put a word before another, which is not inside of a slot."""
        self.words.insert(position, word)
        if self.fixed is not None:
            self.fixed.insert(position, None)
        self.placed = [(start + (start >= position), slot) for start, slot in self.placed]

    def remove(self, position: int) -> None:
        """Take a word out that is not in a slot."""
        del self.words[position]
        if self.fixed is not None:
            del self.fixed[position]
        self.placed = [(start - (start > position), slot) for start, slot in self.placed]


def fill_in(words: Sequence[str], slots: Sequence[Slot], claims: Sequence[Claim]) -> Line:
    """Return a hypothesis with slots in the places that they claim, which are in order."""
    line = Line([], [])
    assert line.fixed is not None
    position = 0
    for claim in claims:
        slot = slots[claim.slot]
        line.words += words[position : claim.start]
        line.fixed += [None] * (claim.start - position)
        line.placed.append((len(line.words), slot))
        line.words += slot.tokens
        line.fixed += [slot.surface, *[""] * (len(slot.tokens) - 1)]
        position = claim.stop
    line.words += words[position:]
    line.fixed += [None] * (len(words) - position)
    return line
