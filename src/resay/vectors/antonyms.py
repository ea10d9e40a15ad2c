"""Words of opposite meaning, by a list made from WordNet 3.0 that the package carries.

The list holds direct antonyms (good/bad), their synonyms (rarely/frequently) and, of adjectives, what is similar to a
word and opposite to its antonym (awful/good). Two words that are each only similar to opposite ones (awful/great)
are not in it: most such pairs of WordNet's are no opposites.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType

import numpy as np
from jaxtyping import Int64

from resay.vectors.inflections import base_forms
from resay.vectors.word_pairs import as_pairs

LIST_FILE = "antonyms.txt"


@cache
def antonyms() -> Mapping[str, frozenset[str]]:
    """Return the opposites of every word of the list, in lower case and in base form; read once."""
    opposites: dict[str, set[str]] = defaultdict(set)
    for line in files(__package__).joinpath(LIST_FILE).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        (words, similar), (other_words, other_similar) = (_one_side(side) for side in line.split(" ! "))
        for first, second in (*product(words, other_words + other_similar), *product(similar, other_words)):
            if first != second:
                opposites[first].add(second)
                opposites[second].add(first)
    return MappingProxyType({word: frozenset(others) for word, others in opposites.items()})


def _one_side(side: str) -> tuple[list[str], list[str]]:
    words, _, similar = side.partition("|")
    return words.split(), similar.split()


def are_antonyms(first: str, second: str, lemmas: Mapping[str, str] | None = None) -> bool:
    """Whether two words are of opposite meaning, in one of their senses at least.

    Args:
        first: A word.
        second: Another one.
        lemmas: Inflected form to base form: with it, words are also compared by these (loved/hated), and two
            forms of one word are never antonyms.
    """
    forms, other_forms = _forms(first, lemmas), _forms(second, lemmas)
    if forms[-1] == other_forms[-1]:
        return False
    listed = antonyms()
    return any(other in listed.get(form, ()) for form in forms for other in other_forms)


def _forms(word: str, lemmas: Mapping[str, str] | None) -> tuple[str, ...]:
    word = word.lower()
    base = (lemmas or {}).get(word, word)
    return (word,) if base == word else (word, base)


def antonym_pairs(vocabulary: Sequence[str], lemmas: Mapping[str, str] | None = None) -> Int64[np.ndarray, "P 2"]:
    """Return the ids of all pairs of antonyms in a vocabulary, the lower id first, in order.

    Args:
        vocabulary: The words in the order of their ids.
        lemmas: Inflected form to base form, see `base_forms`, which finds regular forms without it too.
    """
    bases = base_forms(vocabulary, lemmas)
    ids: dict[str, list[int]] = defaultdict(list)
    for number, (word, base) in enumerate(zip(vocabulary, bases, strict=True)):
        for form in {word.lower(), base}:
            ids[form].append(number)
    pairs = (
        (first, second)
        for word, others in antonyms().items()
        if word in ids
        for other in others
        if other in ids and word < other
        for first in ids[word]
        for second in ids[other]
        if bases[first] != bases[second]
    )
    return as_pairs(pairs)
