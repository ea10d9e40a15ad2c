"""What of a text must come back exactly: its slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from resay.engine.fidelity.protection import Span, find_protected
from resay.text import NUM_ID, UNK_ID, Encoding
from resay.text.addresses import is_address
from resay.text.stop_words import STOP_WORDS
from resay.text.words import has_letter_or_digit

SlotKind = Literal["protected", "address", "number", "name", "unknown"]

SHORTEST_STRESSED = 4

STRENGTH: tuple[SlotKind, ...] = ("protected", "address", "number", "name", "unknown")
"""Of the kinds of a slot's words, the first in this order is the slot's."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the source that every candidate holds exactly.

    Attributes:
        kind: Why it does.
        surface: How it is written.
        first: The first of its tokens in the source's encoding.
        tokens: Its tokens, normalised.
        token_ids: What the encoder reads in their place: nothing for symbols outside the vocabulary (emoji),
            which are no words; one `<unk>` for several tokens of which one is unknown, as training hides
            words singly; else the tokens themselves.
    """

    kind: SlotKind
    surface: str
    first: int
    tokens: tuple[str, ...]
    token_ids: tuple[int, ...]

    @property
    def stop(self) -> int:
        """Return the token after its last."""
        return self.first + len(self.tokens)

    @property
    def num_numbers(self) -> int:
        """Return how many numbers of it the model has to say."""
        return self.token_ids.count(NUM_ID)

    @property
    def is_sayable(self) -> bool:
        """Return whether the model has the words for it."""
        return len(self.token_ids) == len(self.tokens) and UNK_ID not in self.token_ids

    @property
    def is_mark(self) -> bool:
        """Return whether no letter or digit is in it."""
        return not any(map(has_letter_or_digit, self.tokens))


def find_slots(
    text: str, encoding: Encoding, *, protect: Sequence[str] = (), names: Mapping[str, str] | None = None
) -> tuple[Slot, ...]:
    """Return the slots of a text in their order; no two share a token.

    Args:
        text: What was encoded, as valid Unicode.
        encoding: All of its tokens.
        protect: Strings to keep wherever they occur.
        names: How the words that are names are written, as `find_names` says.
    """
    kinds = [
        word_kind(token, token_id, surface, names or {})
        for token, token_id, surface in zip(encoding.tokens, encoding.token_ids, encoding.surfaces, strict=True)
    ]
    if not protect and not any(kinds):
        return ()
    spans = list(encoding.spans)
    joined = [is_one_slot(encoding, kinds, position) for position in range(len(kinds))]
    for first, last, (start, end) in find_protected(text, encoding.spans, protect) if kinds else ():
        kinds[first : last + 1] = ["protected"] * (last + 1 - first)
        joined[first + 1 : last + 1] = [True] * (last - first)
        spans[first] = (min(start, spans[first][0]), spans[first][1])
        spans[last] = (spans[last][0], max(end, spans[last][1]))
    join_shared_characters(encoding.spans, kinds, joined)
    return cut_slots(text, encoding, spans, kinds, joined)


def word_kind(token: str, token_id: int, surface: str, names: Mapping[str, str]) -> SlotKind | None:
    """Return why a word must come back exactly, or None if it need not."""
    if token_id == NUM_ID:
        return "number"
    # "7pm" and "1st" are words to the tokenizer, and numbers to their reader.
    if is_address(token) or has_digit(token):
        return "address"
    if token in names and surface != token and not is_stressed(token, surface):
        return "name"
    return "unknown" if token_id == UNK_ID else None


def has_digit(token: str) -> bool:
    """Return whether a word has a digit in it."""
    return any(character.isdigit() for character in token)


def is_stressed(token: str, surface: str) -> bool:
    """Return whether a word has capitals for stress ("SO good", "the WORST"), not for its meaning ("BBQ").

    A function word has, and so has a long one all in capitals, unless the vocabulary lacks it.
    """
    return token in STOP_WORDS or (surface.isupper() and len(surface) >= SHORTEST_STRESSED)


def is_one_slot(encoding: Encoding, kinds: Sequence[SlotKind | None], position: int) -> bool:
    """Return whether a token goes with the one before it: parts of a name, letters without space between them."""
    if position == 0:
        return False
    pair = {kinds[position - 1], kinds[position]}
    if not pair <= {"name", "unknown"}:
        return False
    one, other = encoding.surfaces[position - 1], encoding.surfaces[position]
    if has_letter_or_digit(one) != has_letter_or_digit(other):
        return False
    if pair == {"name"} or not has_letter_or_digit(one):
        return True
    touching = encoding.spans[position - 1][1] >= encoding.spans[position][0]
    return (pair == {"unknown"} and touching) or (one[0].isupper() and other[0].isupper())


def join_shared_characters(spans: Sequence[Span], kinds: list[SlotKind | None], joined: list[bool]) -> None:
    """Make one slot of words that came from one character, if any of them is in a slot."""
    shared = [position > 0 and spans[position - 1][1] > start for position, (start, _) in enumerate(spans)]
    for position in (*range(1, len(kinds)), *range(len(kinds) - 1, 0, -1)):
        if shared[position] and (kinds[position] or kinds[position - 1]):
            joined[position] = True
            kinds[position] = kinds[position] or kinds[position - 1]
            kinds[position - 1] = kinds[position - 1] or kinds[position]


def cut_slots(
    text: str,
    encoding: Encoding,
    spans: Sequence[Span],
    kinds: Sequence[SlotKind | None],
    joined: Sequence[bool],
) -> tuple[Slot, ...]:
    """Return the runs of tokens that go together."""
    slots: list[Slot] = []
    first = 0
    for stop in range(1, len(kinds) + 1):
        if stop < len(kinds) and joined[stop]:
            continue
        part = slice(first, stop)
        found = {kind for kind in kinds[part] if kind}
        if found:
            surface = text[min(start for start, _ in spans[part]) : max(end for _, end in spans[part])]
            tokens = tuple(encoding.tokens[part])
            read = ids_to_read(tokens, encoding.token_ids[part])
            slots.append(Slot(next(kind for kind in STRENGTH if kind in found), surface, first, tokens, read))
        first = stop
    return tuple(slots)


def ids_to_read(tokens: Sequence[str], token_ids: Sequence[int]) -> tuple[int, ...]:
    """Return what the encoder reads of a slot."""
    if UNK_ID not in token_ids:
        return tuple(token_ids)
    return (UNK_ID,) if any(map(has_letter_or_digit, tokens)) else ()
