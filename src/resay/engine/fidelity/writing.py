"""A hypothesis as text, with everything of the source that must come back."""

from collections.abc import Sequence

from resay.engine.fidelity.articles import correct_articles
from resay.engine.fidelity.ending import match_ending
from resay.engine.fidelity.line import Line, fill_in
from resay.engine.fidelity.placing import place
from resay.engine.fidelity.reading import read
from resay.engine.fidelity.slots import find_slots
from resay.engine.fidelity.source import Source
from resay.engine.sentences import PreparedSentence, SentencePreparer
from resay.text import find_style, write_prose


def write(source: Source, words: Sequence[str], *, is_whole: bool = True) -> tuple[str, Line] | None:
    """Return a hypothesis as text.

    Args:
        source: What it says again.
        words: The hypothesis, without special words other than `_num_`.
        is_whole: Whether it was said to its end; only then it gets a final mark.

    Returns:
        The text and its words; or None if something of the source that must come back has no place, or,
        which nothing is known to cause, is not in the text.
    """
    if source.slots:
        claims = place(source.slots, source.sentence.encoding.tokens, words)
        if claims is None:
            return None
        line = fill_in(words, source.slots, claims)
    else:
        line = Line(list(words))
    correct_articles(line, source.sentence.encoding.tokens)
    if is_whole or not source.style.final_mark:
        match_ending(line, source.style.final_mark)
    text = write_prose(line.words, source.style, line.fixed)
    return (text, line) if holds_all(text, source) else None


def holds_all(text: str, source: Source) -> bool:
    """Return whether every slot of the source stands in a text exactly, and as often."""
    return all(text.count(surface) >= number for surface, number in source.surfaces.items())


def read_back(text: str, line: Line, source: Source, preparer: SentencePreparer) -> PreparedSentence:
    """Return a candidate as the encoder is to read it: its slots as those of the source were."""
    encoding = preparer.tokenizer.encode(text)
    placed = line.placed
    if encoding.tokens != line.words:
        # Written side by side, the words became others.
        names = find_style(encoding).names
        slots = find_slots(text, encoding, protect=source.protect, names=names)
        placed = [(slot.first, slot) for slot in slots]
    token_ids = read(encoding.token_ids, placed)
    longest = preparer.max_length
    return PreparedSentence(encoding, token_ids[:longest], encoding.num_unknown, len(token_ids) > longest)
