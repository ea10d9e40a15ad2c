"""Where the strings that a user protects stand in a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from resay.text import replace_surrogates

Span = tuple[int, int]


def missing_spans(text: str, protect: Iterable[str]) -> list[str]:
    """Return those strings of `protect` that do not occur in a text, as they were given.

    Lone surrogates, which no reply can hold, are the replacement character on both sides.
    """
    whole = replace_surrogates(text)
    return [span for span in protect if clean(span) not in whole]


def clean(span: str) -> str:
    """Return what of a protected string is looked for: white space at its edges is not the text's matter."""
    return replace_surrogates(span).strip()


def find_protected(text: str, words: Sequence[Span], protect: Iterable[str]) -> Iterator[tuple[int, int, Span]]:
    """Yield first word, last word and place in the text of all that is protected.

    An occurrence takes all words that it touches; one that touches none (control characters may stand
    outside of words) goes with the word before it. What lies within the words of another occurrence may be
    left out.

    Args:
        text: Valid Unicode.
        words: Start and end of each of the text's words; not empty.
        protect: What to look for, exactly as it is written; empty strings are nowhere.
    """
    starts = [start for start, _ in words]
    ends = [end for _, end in words]
    for span in dict.fromkeys(map(clean, protect)):
        position = text.find(span) if span else -1
        while position >= 0:
            end = position + len(span)
            first, last = bisect_right(ends, position), bisect_left(starts, end) - 1
            if first > last:
                # No word up to the next one's start: further occurrences there go with this one.
                limit = starts[first] if first < len(words) else len(text)
                end = text.rfind(span, position, limit) + len(span)
                first = last = max(0, last)
            yield first, last, (position, end)
            # An occurrence that ends within these words would add nothing.
            position = text.find(span, max(position + 1, end - len(span) + 1, ends[last] - len(span) + 1))
