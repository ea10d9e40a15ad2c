"""Kinds of word pairs that had better not be each other's neighbours."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from jaxtyping import Int64

from resay.errors import SettingsError, unknown_name_message
from resay.vectors.antonyms import antonym_pairs
from resay.vectors.inflections import inflection_pairs

FindPairs = Callable[[Sequence[str], Mapping[str, str] | None], np.ndarray]

EXCLUSIONS: Mapping[str, FindPairs] = MappingProxyType(
    {
        "antonyms": antonym_pairs,
        "inflections": inflection_pairs,
    }
)


def excluded_pairs(
    vocabulary: Sequence[str], kinds: Collection[str], lemmas: Mapping[str, str] | None = None
) -> Int64[np.ndarray, "P 2"]:
    """Return the ids of all word pairs of these kinds, each once, the lower id first, in order.

    Args:
        vocabulary: The words in the order of their ids.
        kinds: Keys of ``EXCLUSIONS``.
        lemmas: Inflected form to base form.

    Raises:
        SettingsError: A kind that is not in the table.
    """
    for kind in kinds:
        if kind not in EXCLUSIONS:
            raise SettingsError(unknown_name_message("exclusion", kind, EXCLUSIONS))
    found = [np.empty((0, 2), dtype=np.int64), *(EXCLUSIONS[kind](vocabulary, lemmas) for kind in sorted(set(kinds)))]
    return np.unique(np.concatenate(found), axis=0)
