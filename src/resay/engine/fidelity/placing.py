"""Where in a hypothesis each slot of the source stands."""

from collections.abc import Sequence

from resay.engine.fidelity.alignment import align
from resay.engine.fidelity.claims import Claim, owners
from resay.engine.fidelity.numbers import place_numbers
from resay.engine.fidelity.slots import Slot


def place(slots: Sequence[Slot], tokens: Sequence[str], words: Sequence[str]) -> list[Claim] | None:
    """Return which words of a hypothesis each slot takes the place of, in the order of the words.

    Numbers go to numbers. A slot that the hypothesis says word for word stands there. For the others the
    hypothesis is aligned with the source.

    Args:
        slots: The source's slots.
        tokens: The source's tokens.
        words: The hypothesis.

    Returns:
        The claims, or None if a slot has no place.
    """
    claims = place_numbers(slots, words)
    if claims is None:
        return None
    if len(claims) < len(slots):
        claims += find_said(slots, words, claims)
    if len(claims) < len(slots):
        placed = {claim.slot for claim in claims}
        waiting = [index for index in range(len(slots)) if index not in placed]
        # Symbols last: the decoder has not seen them, and has put nothing in their place.
        for wanted in (
            {index for index in waiting if slots[index].token_ids},
            {index for index in waiting if not slots[index].token_ids},
        ):
            aligned = align(slots, tokens, words, claims, wanted) if wanted else []
            if aligned is None:
                return None
            claims += aligned
    return sorted(claims, key=lambda claim: (claim.start, claim.stop, claim.slot))


def find_said(slots: Sequence[Slot], words: Sequence[str], claims: Sequence[Claim]) -> list[Claim]:
    """Return where the hypothesis says slots without numbers word for word, each as often as it is needed."""
    owned = owners(len(words), claims)
    found: list[Claim] = []
    for index, slot in enumerate(slots):
        if slot.num_numbers or not slot.is_sayable:
            continue
        start = find_run(slot.tokens, words, owned)
        if start >= 0:
            found.append(Claim(index, start, start + len(slot.tokens)))
            owned[start : start + len(slot.tokens)] = [index] * len(slot.tokens)
    return found


def find_run(tokens: Sequence[str], words: Sequence[str], owned: Sequence[int]) -> int:
    """Return where a run of tokens starts that no other slot has taken, -1 if there is none."""
    size = len(tokens)
    for start in range(len(words) - size + 1):
        if (
            words[start] == tokens[0]
            and tuple(words[start : start + size]) == tokens
            and all(owner < 0 for owner in owned[start : start + size])
        ):
            return start
    return -1
