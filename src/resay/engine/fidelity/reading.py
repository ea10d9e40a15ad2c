"""What the encoder reads of a text with slots."""

from collections.abc import Iterable, Sequence

from resay.engine.fidelity.slots import Slot
from resay.text import UNK_ID


def read(token_ids: Sequence[int], placed: Iterable[tuple[int, Slot]]) -> tuple[int, ...]:
    """Return the ids with each slot's tokens replaced by what is read of them; never none at all.

    Args:
        token_ids: All tokens of a text.
        placed: Where which slot begins in it, in order.
    """
    ids: list[int] = []
    position = 0
    for first, slot in placed:
        ids += token_ids[position:first]
        ids += slot.token_ids
        position = first + len(slot.tokens)
    ids += token_ids[position:]
    return tuple(ids) or (UNK_ID,)
