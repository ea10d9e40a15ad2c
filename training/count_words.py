"""Count words for train.py --word-counts: what sentence embeddings know of a language beyond the training corpus.

    python training/count_words.py news.txt mails.txt.gz --out counts.tsv
    python training/count_words.py --wordfreq en --out counts.tsv

The second form takes the frequencies of the package wordfreq (pip install wordfreq; CC BY-SA 4.0) instead of a text.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from resay.corpus import read_lines
from resay.errors import MissingExtraError, ResayError
from resay.text import NUM, count_words, split_words, write_counts
from resay.text.words import has_letter_or_digit

A_BILLION = 10**9


def wordfreq_counts(language: str) -> Counter[str]:
    """Return how often words stand in a billion of the language's, split as resay splits them.

    Raises:
        MissingExtraError: Without the package, or without the language in it.
    """
    try:
        import wordfreq
    except ImportError:
        raise MissingExtraError("--wordfreq needs a package that is not installed; run: pip install wordfreq") from None
    try:
        frequencies = wordfreq.get_frequency_dict(language, wordlist="best")
    except LookupError:
        known = ", ".join(sorted(wordfreq.available_languages()))
        raise MissingExtraError(f"wordfreq has no list for {language!r}; it has {known}") from None
    counts: Counter[str] = Counter()
    for word, frequency in frequencies.items():
        for part in filter(has_letter_or_digit, split_words(word)):
            counts[part] += round(A_BILLION * frequency)
    counts.pop(NUM, None)  # digits stand for themselves in embeddings
    return counts


def main() -> int:
    """Count; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="*", metavar="FILE", help="text, plain or .gz")
    parser.add_argument("--wordfreq", metavar="LANGUAGE", help="such as en, in place of texts")
    parser.add_argument("--most", type=int, metavar="N", help="keep the N most frequent words alone; default: all")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    if bool(arguments.texts) == bool(arguments.wordfreq):
        parser.error("give either text files or --wordfreq LANGUAGE")
    try:
        wordfreq, texts = arguments.wordfreq, arguments.texts
        counts = wordfreq_counts(wordfreq) if wordfreq else count_words(read_lines(texts))
        counts = Counter(dict(counts.most_common(arguments.most)))
        write_counts(counts, arguments.out)
    except (ResayError, OSError) as error:
        print(f"count_words.py: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.out}: {len(counts):,} words, {sum(counts.values()):,} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
