"""Signs that a paraphrase says the opposite: a negation more or less, an antonym instead of the word.

Both are signs, not proof: "not bad" for "good" counts as a flip, and so does "not good" for "bad". As they count
alike for every system, they serve for comparison; the absolute share is an upper estimate.
"""

from collections.abc import Callable, Sequence

AreAntonyms = Callable[[str, str], bool]

NEGATIONS = frozenset(
    {"not", "n't", "no", "never", "none", "nothing", "nobody", "nowhere", "neither", "cannot", "without"}
    | {"hardly", "barely", "scarcely"}
)
"""One word each of what negates; "nor" is left out, since it goes with one of the others."""


def num_negations(words: Sequence[str]) -> int:
    """Return how many words negate."""
    return sum(word in NEGATIONS for word in words)


def negation_changed(source: Sequence[str], candidate: Sequence[str]) -> bool:
    """Return whether a candidate negates more or less often than its source."""
    return num_negations(source) != num_negations(candidate)


def antonym_introduced(source: Sequence[str], candidate: Sequence[str], are_antonyms: AreAntonyms) -> bool:
    """Return whether a new word of the candidate is the antonym of a source word that the candidate lacks."""
    new, lost = set(candidate) - set(source), set(source) - set(candidate)
    return any(are_antonyms(one, other) for one in new for other in lost)
