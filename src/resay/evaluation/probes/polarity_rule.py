"""The polarity of a text by word lists: a rule that anybody can follow by hand, and that may not know.

Every word of the lists counts for its side, or for the other if an odd number of negations stands before it in the
same clause. A text whose words disagree, or that has none, is not judged.
"""

from functools import cache
from importlib import resources

from resay.evaluation.paraphrase.flips import num_negations
from resay.evaluation.paraphrase.wording import words_of

CLAUSE_ENDS = frozenset({".", ",", ";", ":", "!", "?", "...", "--", "-", "(", ")", "and", "but", "or", "because", "so"})


@cache
def _sides() -> dict[str, bool]:
    folder = resources.files("resay.evaluation.probes")
    return {
        word: side == "positive"
        for side in ("positive", "negative")
        for word in folder.joinpath(f"{side}.txt").read_text(encoding="utf-8").split()
    }


def judge_polarity(text: str) -> bool | None:
    """Return whether a text praises; None if that cannot be said."""
    sides = _sides()
    found: set[bool] = set()
    clause: list[str] = []
    for word in words_of(text):
        if word in CLAUSE_ENDS:
            clause = []
            continue
        if word in sides:
            found.add(sides[word] != (num_negations(clause) % 2 == 1))
        clause.append(word)
    return found.pop() if len(found) == 1 else None
