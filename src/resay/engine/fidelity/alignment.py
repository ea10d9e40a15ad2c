"""Source and hypothesis side by side, to see which word the decoder said in a slot's place.

A weighted Levenshtein alignment. The source's units are its words and slots, the hypothesis' targets its free
words and those that slots have taken already; `costs` says what each step costs. A slot without a place is never
left out: it takes the place of words, or is put between two.
"""

from collections import Counter
from collections.abc import Container, Sequence

from resay.engine.fidelity.claims import Claim, owners
from resay.engine.fidelity.costs import (
    CONTENT,
    DIFFERENT_LENGTH,
    EXCHANGE,
    FORBIDDEN,
    LEAVE_OUT,
    SLOT,
    Unit,
    insertion_costs,
    neighbours_of,
    replacement_costs,
    word_class,
)
from resay.engine.fidelity.edit_table import Row, Step, cheapest_steps
from resay.engine.fidelity.slots import Slot

LONGEST_REPLACED = 8
"""Words of a hypothesis that one slot takes the place of."""


def align(
    slots: Sequence[Slot], tokens: Sequence[str], words: Sequence[str], claims: Sequence[Claim], wanted: Container[int]
) -> list[Claim] | None:
    """Return the places of slots that have none yet.

    Args:
        slots: The source's slots.
        tokens: The source's tokens.
        words: The hypothesis.
        claims: Places of other slots.
        wanted: Indices of the slots to be placed; those neither wanted nor placed are looked through.

    Returns:
        Their claims, or None if one has no plausible place: every alignment would put it over a word that
        means something else, or where its neighbours are not.
    """
    placed = {claim.slot for claim in claims}
    units = source_units(slots, tokens, [index for index in range(len(slots)) if index in placed or index in wanted])
    starts, targets = hypothesis_targets(words, owners(len(words), claims))
    new_words = Counter(words) - Counter(tokens)
    first, num_last = shared_ends(units, targets, wanted)
    units, targets = units[first : len(units) - num_last], targets[first : len(targets) - num_last]
    classes = [SLOT if isinstance(target, int) else word_class(target) for target in targets]
    rows = [
        slot_row(slots[unit], neighbours_of(units, index), targets, new_words)
        if isinstance(unit, int) and unit in wanted
        else word_row(unit, targets, classes)
        for index, unit in enumerate(units)
    ]
    steps = cheapest_steps(rows, [LEAVE_OUT[each] for each in classes])
    return None if steps is None else read_places(slots, steps, units, targets, starts[first:], wanted)


def shared_ends(units: Sequence[Unit], targets: Sequence[Unit], wanted: Container[int]) -> tuple[int, int]:
    """Return how many pairs at the beginning and at the end of both texts are equal, one less if there are any.

    They need no alignment; the one that remains is a neighbour.
    """
    most = min(len(units), len(targets))
    first = last = 0
    while first < most and units[first] == targets[first]:
        first += 1
    while last < most - first and units[-last - 1] == targets[-last - 1]:
        last += 1
    return max(0, first - 1), max(0, last - 1)


def read_places(
    slots: Sequence[Slot],
    steps: Sequence[Step],
    units: Sequence[Unit],
    targets: Sequence[Unit],
    starts: Sequence[int],
    wanted: Container[int],
) -> list[Claim] | None:
    """Return the places of the slots in an alignment, or None if one is not plausible."""
    found: list[Claim] = []
    unit = target = 0
    for number, (num_units, num_targets) in enumerate(steps):
        current = units[unit] if num_units else ""
        if isinstance(current, int) and current in wanted:
            if not is_plausible(slots[current], steps, number, targets[target : target + num_targets]):
                return None
            found.append(Claim(current, starts[target], starts[target + num_targets]))
        unit += num_units
        target += num_targets
    return found


def source_units(slots: Sequence[Slot], tokens: Sequence[str], shown: Container[int]) -> list[Unit]:
    """Return the source with each slot as one unit, or as none if it is not shown."""
    units: list[Unit] = []
    position = 0
    for index, slot in enumerate(slots):
        units += tokens[position : slot.first]
        if index in shown:
            units.append(index)
        position = slot.stop
    units += tokens[position:]
    return units


def hypothesis_targets(words: Sequence[str], owned: Sequence[int]) -> tuple[list[int], list[Unit]]:
    """Return the hypothesis with the words of each slot as one target, and where each target starts, and the end."""
    starts: list[int] = []
    targets: list[Unit] = []
    for position, (word, owner) in enumerate(zip(words, owned, strict=True)):
        if owner < 0 or position == 0 or owned[position - 1] != owner:
            starts.append(position)
            targets.append(word if owner < 0 else owner)
    return [*starts, len(words)], targets


def word_row(unit: Unit, targets: Sequence[Unit], classes: Sequence[int]) -> Row:
    """Return the costs of a word of the source, or of a slot that has its place."""
    own_class = SLOT if isinstance(unit, int) else word_class(unit)
    take = [
        0.0 if target == unit else EXCHANGE if each == own_class != SLOT else FORBIDDEN
        for target, each in zip(targets, classes, strict=True)
    ]
    return Row([LEAVE_OUT[own_class]] * (len(targets) + 1), take)


def slot_row(
    slot: Slot, neighbours: tuple[Unit | None, Unit | None], targets: Sequence[Unit], new_words: Container[str]
) -> Row:
    """Return the costs of a slot that has no place yet."""
    return Row(
        skip=insertion_costs(slot, neighbours, targets),
        take=replacement_costs(slot, neighbours, targets, new_words),
        length=min(len(slot.tokens), LONGEST_REPLACED) if slot.is_sayable else 1,
        shortfall=DIFFERENT_LENGTH,
    )


def is_plausible(slot: Slot, steps: Sequence[Step], number: int, replaced: Sequence[Unit]) -> bool:
    """Return whether the words beside a slot's place are in step with the source.

    One side will do, a pair or the beginning or end of both texts; both sides must where the slot takes the
    place of a function word. A symbol may stand anywhere.
    """
    if slot.is_mark:
        return True
    before = number == 0 or is_pair(steps[number - 1])
    after = number + 1 == len(steps) or is_pair(steps[number + 1])
    if any(word_class(word) != CONTENT and word not in slot.tokens for word in replaced if isinstance(word, str)):
        return before and after
    return before or after


def is_pair(step: Step) -> bool:
    """Return whether a step passes a unit and what stands for it."""
    return step[0] == 1 <= step[1]
