"""From hypotheses to candidates: which of them a user should see at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from resay.engine.decoding import Hypothesis
from resay.engine.fidelity.slots import has_digit
from resay.engine.fidelity.source import Source
from resay.engine.fidelity.writing import read_back, write
from resay.engine.sentences import PreparedSentence, SentencePreparer
from resay.engine.wording import printable_words
from resay.text import NUM, NUM_ID, Encoding
from resay.text.words import has_letter_or_digit

FilterReason = Literal["unfinished", "empty", "number", "lost_span", "copy", "duplicate", "low_similarity"]
"""Why a hypothesis is not among the candidates, in the order in which it is asked."""

FILTER_REASONS: tuple[FilterReason, ...] = (
    "unfinished",
    "empty",
    "number",
    "lost_span",
    "copy",
    "duplicate",
    "low_similarity",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A hypothesis as text, read back in by the tokenizer, not yet scored."""

    text: str
    sentence: PreparedSentence
    log_prob: float


@dataclass(frozen=True, slots=True)
class Sieve:
    """What was kept of one source's hypotheses and how much was dropped for which reason."""

    drafts: list[Draft]
    dropped: Counter[FilterReason]


def sift(
    source: Source, hypotheses: Sequence[Hypothesis], preparer: SentencePreparer, *, allow_identity: bool
) -> Sieve:
    """Turn hypotheses into texts and keep those worth scoring.

    Dropped are hypotheses that were cut off (by the deadline; or by the length, unless there is no whole
    one), that have no word, that have other numbers than the source, that leave no place for what else must
    come back exactly, that say the source again (unless `allow_identity`), and that say the same as a better
    one. Two texts say the same when their normalised words are equal: case, spacing and punctuation make no
    difference.
    """
    drafts: list[Draft] = []
    dropped: Counter[FilterReason] = Counter()
    any_whole = any(hypothesis.stop == "end" for hypothesis in hypotheses)
    seen: set[tuple[str, ...]] = set()
    copied = None if allow_identity else wording(source.sentence.encoding)
    wanted_numbers = numbers(source.sentence.encoding)
    for hypothesis in hypotheses:
        # What the time cut off may be a word or two.
        if hypothesis.stop == "deadline" or (any_whole and hypothesis.stop != "end"):
            dropped["unfinished"] += 1
            continue
        draft = write_draft(source, hypothesis, preparer)
        if not isinstance(draft, Draft):
            dropped[draft] += 1
            continue
        key = wording(draft.sentence.encoding)
        if numbers(draft.sentence.encoding) != wanted_numbers:
            dropped["number"] += 1
        elif key == copied:
            dropped["copy"] += 1
        elif key in seen:
            dropped["duplicate"] += 1
        else:
            seen.add(key)
            drafts.append(draft)
    return Sieve(drafts, dropped)


def write_draft(source: Source, hypothesis: Hypothesis, preparer: SentencePreparer) -> Draft | FilterReason:
    """Return a hypothesis as text with all that the source wants back, or why it cannot be written."""
    words = printable_words(hypothesis.token_ids, preparer.tokenizer)
    if not words:
        return "empty"
    if words.count(NUM) != source.sentence.token_ids.count(NUM_ID):
        return "number"
    written = write(source, words, is_whole=hypothesis.stop == "end")
    if written is None:
        return "lost_span"
    text, line = written
    if not line.words:
        return "empty"
    return Draft(text, read_back(text, line, source, preparer), hypothesis.log_prob)


def wording(encoding: Encoding) -> tuple[str, ...]:
    """Return the normalised words that make the text what it is; all tokens if all are punctuation."""
    words = tuple(token for token in encoding.tokens if has_letter_or_digit(token))
    return words or tuple(encoding.tokens)


def numbers(encoding: Encoding) -> Counter[str]:
    """Return how often each number occurs, as it is written; words with a digit in them are numbers too."""
    pairs = zip(encoding.tokens, encoding.surfaces, strict=True)
    return Counter(surface for token, surface in pairs if token == NUM or has_digit(token))


def filter_counts(dropped: Mapping[FilterReason, int]) -> dict[FilterReason, int]:
    """Return the count of every reason, also of those that dropped nothing."""
    return {reason: dropped.get(reason, 0) for reason in FILTER_REASONS}
