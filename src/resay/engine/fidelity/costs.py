"""What it costs to align a source with a hypothesis: low where the one says what the other says."""

from collections.abc import Container, Sequence

from resay.engine.fidelity.slots import Slot
from resay.text.stop_words import NEGATIONS, STOP_WORDS
from resay.text.words import has_letter_or_digit

FORBIDDEN = float("inf")
CONTENT, FUNCTION, MARK, SLOT = range(4)
"""Classes of words; one is only ever exchanged for another of its class."""

EXCHANGE = 1.0
LEAVE_OUT = (1.0, 0.8, 0.6, 0.5)
"""Of a word of each class, on either side."""

REPLACE = 0.4
"""Putting a slot in the place of a content word that the source does not have."""
REPLACE_FUNCTION = (FORBIDDEN, 0.9, 0.5)
"""The same for a function word, by how many of the words on both sides are the slot's neighbours in the source."""
REPLACE_SHARED = 0.9
"""The same for a content word that the source has too, if both sides are."""
DIFFERENT_LENGTH = 0.3
"""For each word that a slot takes less than it has itself."""
INSERT = (FORBIDDEN, FORBIDDEN, 0.6)
"""Putting a slot between two words, by how many of them are its neighbours in the source."""
INSERT_MARK = (0.6, 0.2, 0.0)
"""The same for symbols."""

Unit = str | int
"""A free word, or the index of a slot."""


def word_class(word: str) -> int:
    """Return the class of a free word."""
    if not has_letter_or_digit(word):
        return MARK
    return FUNCTION if word in STOP_WORDS else CONTENT


def neighbours_of(units: Sequence[Unit], position: int) -> tuple[Unit | None, Unit | None]:
    """Return what stands before and after a unit; None at the beginning and end."""
    before = units[position - 1] if position else None
    return before, units[position + 1] if position + 1 < len(units) else None


def replacement_costs(
    slot: Slot, neighbours: tuple[Unit | None, Unit | None], targets: Sequence[Unit], new_words: Container[str]
) -> list[float]:
    """Return for each target what it costs to replace it by the slot or a part of it.

    Args:
        slot: The slot.
        neighbours: What stands before and after it in the source.
        targets: The hypothesis.
        new_words: Words that stand more often in the hypothesis than in the source.
    """
    if slot.is_mark:
        return [mark_cost(slot, target) for target in targets]
    is_function = all(token in STOP_WORDS for token in slot.tokens)
    return [
        FORBIDDEN
        if isinstance(target, int)
        else 0.0
        if target in slot.tokens
        else FORBIDDEN
        if is_function
        else word_cost(target, target in new_words, neighbours, neighbours_of(targets, position))
        for position, target in enumerate(targets)
    ]


def word_cost(
    word: str, is_new: bool, neighbours: tuple[Unit | None, Unit | None], beside: tuple[Unit | None, Unit | None]
) -> float:
    """Return what it costs to replace a word by a slot that does not have it.

    A content word is likely to be what the decoder made of the slot, if it stands more often in the
    hypothesis than in the source. Any other word is, if the slot's neighbours are beside it, save a function
    word that the source has as often, and a negation.

    Args:
        word: The word.
        is_new: Whether it stands more often in the hypothesis than in the source.
        neighbours: What stands before and after the slot in the source.
        beside: What stands before and after the word in the hypothesis.
    """
    num_equal = (beside[0] == neighbours[0]) + (beside[1] == neighbours[1])
    if word_class(word) == CONTENT:
        is_between_words = num_equal == len(neighbours) and None not in neighbours
        return REPLACE if is_new else REPLACE_SHARED if is_between_words else FORBIDDEN
    return REPLACE_FUNCTION[num_equal] if is_new and word not in NEGATIONS else FORBIDDEN


def mark_cost(slot: Slot, target: Unit) -> float:
    """Return what it costs to replace a target by a mark: other marks give way, if the model could say the slot's."""
    if isinstance(target, int):
        return FORBIDDEN
    if target in slot.tokens:
        return 0.0
    return REPLACE if slot.token_ids and word_class(target) == MARK else FORBIDDEN


def insertion_costs(slot: Slot, neighbours: tuple[Unit | None, Unit | None], targets: Sequence[Unit]) -> list[float]:
    """Return for each gap, from before the first target to after the last, the cost of putting the slot there."""
    costs = INSERT_MARK if slot.is_mark else INSERT
    before, after = neighbours
    return [
        costs[(left == before) + (right == after)]
        for left, right in zip([None, *targets], [*targets, None], strict=True)
    ]
