"""A text that is to be said again."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from resay.engine.fidelity.reading import read
from resay.engine.fidelity.slots import Slot, find_slots
from resay.engine.sentences import PreparedSentence, SentencePreparer
from resay.errors import RequestError
from resay.text import Style, find_style, replace_surrogates
from resay.text.style import PROSE
from resay.text.words import is_content_word


@dataclass(frozen=True, slots=True)
class Source:
    """A text that is to be said again, and what must not change in it.

    Attributes:
        sentence: Its tokens; `token_ids` are what the encoder reads, see `Slot.token_ids`.
        slots: What must come back exactly, in order.
        style: Which capitals it has and how it ends.
        protect: The strings that its user protects.
        surfaces: What a candidate must hold, and how often.
    """

    sentence: PreparedSentence
    slots: tuple[Slot, ...] = ()
    style: Style = PROSE
    protect: tuple[str, ...] = ()
    surfaces: Counter[str] = field(default_factory=Counter)

    @property
    def content_ids(self) -> tuple[int, ...]:
        """Return the ids of the words that another wording would replace: content words outside the slots."""
        kept = {position for slot in self.slots for position in range(slot.first, slot.stop)}
        encoding = self.sentence.encoding
        pairs = zip(encoding.tokens, encoding.token_ids, strict=True)
        return tuple(
            sorted(
                {
                    token_id
                    for position, (token, token_id) in enumerate(pairs)
                    if position not in kept and is_content_word(token)
                }
            )
        )


def prepare_source(
    text: str, preparer: SentencePreparer, *, protect: Sequence[str] = (), deadline: float = math.inf
) -> Source | RequestError:
    """Tokenise a text that is to be said again and find its slots; any string will do.

    Returns:
        The source, or a `RequestError` of status 422 with the code ``empty_text`` or ``too_long`` (a text
        cannot be paraphrased in part), or of status 504 if the deadline is past.
    """
    sentence = preparer.prepare(text, truncate=False, deadline=deadline)
    if isinstance(sentence, RequestError):
        return sentence
    encoding = sentence.encoding
    style = find_style(encoding)
    slots = find_slots(replace_surrogates(text), encoding, protect=protect, names=style.names)
    if slots:
        token_ids = read(encoding.token_ids, [(slot.first, slot) for slot in slots])
        sentence = replace(sentence, token_ids=token_ids)
    return Source(sentence, slots, style, tuple(protect), Counter(slot.surface for slot in slots))
