"""What is known of English before any corpus is read."""

from functools import cache
from importlib import resources
from types import MappingProxyType

COUNTS_FILE = "english_counts.txt"


@cache
def english_counts() -> MappingProxyType[str, int]:
    """Return how often each of the 10,000 most frequent words stands in a billion words of English.

    They weigh the words of a sentence embedding where nothing better is given. The file names its source and licence.
    """
    text = resources.files(__package__).joinpath(COUNTS_FILE).read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if not line.startswith("# "))
    return MappingProxyType({word: int(count) for word, count in lines})
