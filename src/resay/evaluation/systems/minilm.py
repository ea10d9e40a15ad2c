"""The ceiling: all-MiniLM-L6-v2, trained on a billion pairs of sentences."""

from collections.abc import Sequence

from jaxtyping import Float32
from numpy import ndarray

from resay.evaluation.paraphrase.judge import Judge, MiniLmJudge
from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.sources import Sources

VERSION = "minilm 1"
"""Counts up when the same weights give other vectors."""


class MiniLm:
    """A judge of paraphrases as a source of sentence vectors.

    Args:
        judge: Whose name says its weights.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def name(self) -> str:
        """Return the baseline's name."""
        return "minilm"

    @property
    def sha256(self) -> str:
        """Return a hash over weights and precision."""
        return digest_of([VERSION, self._judge.name])

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector of length 1 for each text."""
        return self._judge.embed(texts)


def minilm(sources: Sources) -> MiniLm:
    """Return the ceiling; it needs no files.

    Raises:
        MissingExtraError: If its package is not installed.
    """
    return MiniLm(MiniLmJudge.open())
