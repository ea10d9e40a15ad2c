"""Which words a tokenizer knows: counting them, and choosing by count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

from resay.errors import CorpusError, SettingsError
from resay.text.special import SPECIAL_WORDS
from resay.text.splitting import split_words


def count_words(lines: Iterable[str]) -> Counter[str]:
    """Return how often each normalised word stands in ``lines``, which are read once and not kept."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(split_words(line))
    return counts


def choose_words(counts: Mapping[str, int], *, min_count: int = 2, max_size: int | None = None) -> tuple[str, ...]:
    """Return a vocabulary: index is id.

    The special words come first, then the words of ``counts``, the most frequent first; words of equal count
    are in alphabetical (code point) order, so equal counts give an equal vocabulary.

    Args:
        counts: How often each word stands in the corpus, as ``count_words`` gives it.
        min_count: Rarer words are left out.
        max_size: The most words to keep, the special ones included; ``None`` keeps all.

    Raises:
        SettingsError: ``min_count`` below 1, or ``max_size`` too small for the special words.
    """
    if min_count < 1:
        raise SettingsError(f"min_count must be 1 or more, got {min_count}")
    if max_size is not None and max_size < len(SPECIAL_WORDS):
        raise SettingsError(
            f"max_size must be at least {len(SPECIAL_WORDS)}, the number of special words, got {max_size}"
        )
    ordinary = (word for word, count in counts.items() if count >= min_count and word not in SPECIAL_WORDS)
    ordered = sorted(ordinary, key=lambda word: (-counts[word], word))
    return tuple(islice((*SPECIAL_WORDS, *ordered), max_size))


def write_counts(counts: Mapping[str, int], path: str | Path) -> None:
    """Write one ``word<TAB>count`` line a word, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    text = "".join(f"{word}\t{count}\n" for word, count in ordered)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def read_counts(path: str | Path) -> Counter[str]:
    """Read what ``write_counts`` wrote.

    Raises:
        CorpusError: It cannot be read as text, or a line is not a word, a tab and a whole number.
    """
    counts: Counter[str] = Counter()
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as UTF-8 lines of word<TAB>count ({error})") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        word, tab, count = line.rpartition("\t")
        if not (tab and word and count.isdecimal()):
            raise CorpusError(f"{path}, line {number}: expected word<TAB>count, got {line[:80]!r}")
        counts[word] = int(count)
    return counts
