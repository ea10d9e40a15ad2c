"""Words back to prose: spacing, capitals, and the numbers of the source."""

from __future__ import annotations

from collections.abc import Sequence

from resay.errors import SettingsError
from resay.text.casing import restore_case
from resay.text.encoding import Encoding
from resay.text.spacing import join_words
from resay.text.special import NUM, UNPRINTABLE_WORDS


class MissingNumberError(SettingsError):
    """The words have more ``_num_`` than the source has numbers, so some number would be invented."""


def count_numbers(words: Sequence[str]) -> int:
    """Return how many ``_num_`` stand in ``words``."""
    return sum(word == NUM for word in words)


def detokenize(words: Sequence[str], source: Encoding | None = None) -> str:
    """Return ``words`` as prose.

    ``it 's`` is joined, punctuation clings to its word, quotes are paired, sentences and ``i`` get capitals.

    Args:
        words: Normalised words, as in ``Encoding.tokens``.
        source: The text that ``words`` say again. Its numbers, in order, take the places of ``_num_``, and
            its names keep their capitals. Without it ``_num_`` stays.

    Raises:
        SettingsError: A word is ``<pad>``, ``<unk>``, ``<s>`` or ``</s>``, which are never printed.
        MissingNumberError: ``words`` have more ``_num_`` than ``source`` (which ``count_numbers`` tells
            beforehand). A number is never invented: discard such words.
    """
    for word in words:
        if word in UNPRINTABLE_WORDS:
            raise SettingsError(f"{word} is never printed; remove it before, or discard these words")
    written = restore_case(words, source)
    if source is not None:
        written = _restore_numbers(words, written, source)
    return join_words(words, written)


def _restore_numbers(words: Sequence[str], written: Sequence[str], source: Encoding) -> list[str]:
    numbers = [surface for token, surface in zip(source.tokens, source.surfaces, strict=True) if token == NUM]
    num_needed = count_numbers(words)
    if num_needed > len(numbers):
        raise MissingNumberError(
            f"the words have {num_needed} {NUM}, the source only {len(numbers)}; discard these words"
        )
    remaining = iter(numbers)
    return [next(remaining) if word == NUM else text for word, text in zip(words, written, strict=True)]
