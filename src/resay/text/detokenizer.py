"""Words back to prose: spacing, capitals, and what stands fixed."""

from __future__ import annotations

from collections.abc import Sequence

from resay.errors import SettingsError
from resay.text.casing import restore_case
from resay.text.encoding import Encoding
from resay.text.spacing import join_words
from resay.text.special import NUM, UNPRINTABLE_WORDS
from resay.text.style import PROSE, Style, find_style


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
            its capitals come back: names, or none at all, or all. Without it ``_num_`` stays.

    Raises:
        SettingsError: A word is ``<pad>``, ``<unk>``, ``<s>`` or ``</s>``, which are never printed.
        MissingNumberError: ``words`` have more ``_num_`` than ``source`` (which ``count_numbers`` tells
            beforehand). A number is never invented: discard such words.
    """
    for word in words:
        if word in UNPRINTABLE_WORDS:
            raise SettingsError(f"{word} is never printed; remove it before, or discard these words")
    if source is None:
        return write_prose(words, PROSE)
    return write_prose(words, find_style(source), _find_numbers(words, source))


def write_prose(words: Sequence[str], style: Style, fixed: Sequence[str | None] | None = None) -> str:
    """Return ``words`` as prose in a style.

    Args:
        words: Normalised words, none of them unprintable.
        style: What decides on capitals.
        fixed: For each word, if given, how it is written whatever the style; ``None`` leaves it to the style.
            An empty string stands for a word that the one before it has written too, as ``New York`` does.
    """
    written = restore_case(words, style)
    if fixed is not None:
        written = [plain if exact is None else exact for plain, exact in zip(written, fixed, strict=True)]
    return join_words(words, written)


def _find_numbers(words: Sequence[str], source: Encoding) -> list[str | None]:
    numbers = [surface for token, surface in zip(source.tokens, source.surfaces, strict=True) if token == NUM]
    num_needed = count_numbers(words)
    if num_needed > len(numbers):
        raise MissingNumberError(
            f"the words have {num_needed} {NUM}, the source only {len(numbers)}; discard these words"
        )
    remaining = iter(numbers)
    return [next(remaining) if word == NUM else None for word in words]
