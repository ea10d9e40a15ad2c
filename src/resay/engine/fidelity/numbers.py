"""Numbers: the first of a hypothesis is the first of the source, and so on."""

from collections.abc import Sequence

from resay.engine.fidelity.claims import Claim
from resay.engine.fidelity.slots import Slot
from resay.text import NUM
from resay.text.stop_words import STOP_WORDS


def place_numbers(slots: Sequence[Slot], words: Sequence[str]) -> list[Claim] | None:
    """Return which words each slot with numbers in it takes, in order.

    A slot that is more than a number, as "$ 5" is, takes the words beside the number too where they are its
    own; several numbers in one slot take what is between them.

    Returns:
        The claims, or None if there are not as many numbers as in the slots, or if two numbers of one slot
        have more than function words between them.
    """
    numbers = [position for position, word in enumerate(words) if word == NUM]
    claims: list[Claim] = []
    num_placed = free_from = 0
    for index, slot in enumerate(slots):
        if not slot.num_numbers:
            continue
        own = numbers[num_placed : num_placed + slot.num_numbers]
        if len(own) < slot.num_numbers or not all(
            word == NUM or word in slot.tokens or word in STOP_WORDS for word in words[own[0] : own[-1]]
        ):
            return None
        num_placed += slot.num_numbers
        free_to = numbers[num_placed] if num_placed < len(numbers) else len(words)
        start, stop = widen(slot.tokens, words, own[0], own[-1] + 1, free_from, free_to)
        claims.append(Claim(index, start, stop))
        free_from = stop
    return claims if num_placed == len(numbers) else None


def widen(
    tokens: Sequence[str], words: Sequence[str], start: int, stop: int, free_from: int, free_to: int
) -> tuple[int, int]:
    """Return the bounds of a slot's numbers in the words, widened over what the slot has on either side."""
    before = tokens.index(NUM)
    after = len(tokens) - 1 - tokens[::-1].index(NUM)
    while before > 0 and start > free_from and words[start - 1] == tokens[before - 1]:
        before, start = before - 1, start - 1
    while after + 1 < len(tokens) and stop < free_to and words[stop] == tokens[after + 1]:
        after, stop = after + 1, stop + 1
    return start, stop
