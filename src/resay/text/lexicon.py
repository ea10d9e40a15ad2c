"""Which word vectors stand for a text when it is compared: a list of words far beyond the decoder's vocabulary.

A decoder can say only the words that it was trained on, but a comparison can read any word that has a vector. Words
without one still tell texts apart: they are hashed into buckets, each with a random direction of its own, once
whole and once by their beginning, so that "Syria" is like itself and a little like "Syrian".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from resay.errors import ModelFolderError
from resay.text.encoding import Encoding
from resay.text.special import NUM
from resay.text.words import has_letter_or_digit

BEGINNING = 4
"""Characters: short enough for a name and its adjective, long enough for few chance meetings."""
CONTRACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "n't": "not",
        "ca": "can",
        "wo": "will",
        "'m": "am",
        "'re": "are",
        "'ve": "have",
        "'ll": "will",
        "'d": "would",
        "'s": "",  # is, has, or whose something is: it says too little to guess
    }
)
"""English clitics, as the tokenizer splits them off, and what they are read as: files of vectors lack them."""


class Lexicon:
    """The words that have a vector, in the order of their ids, and the buckets of all others.

    Ids: 0 to W - 1 the words, W to W + K - 1 the buckets.

    Args:
        words: Normalised as the tokenizer does.
        num_buckets: K, at least 1.
    """

    def __init__(self, words: Sequence[str], num_buckets: int) -> None:
        self.words = tuple(words)
        self.num_buckets = num_buckets

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self.words) + self.num_buckets

    def ids(self, encoding: Encoding, max_tokens: int | None = None) -> tuple[int, ...]:
        """Return what stands for the first tokens of a text; at least one id for a text of any token.

        A number stands under its digits, which the decoder's vocabulary does not tell apart. Punctuation stands
        for nothing unless there is nothing else.
        """
        words = [
            digits(surface) if token == NUM else self._as_read(token)
            for token, surface in zip(encoding.tokens[:max_tokens], encoding.surfaces[:max_tokens], strict=True)
        ]
        found = [number for word in words if has_letter_or_digit(word) for number in self._ids_of(word)]
        return tuple(found) or tuple(number for word in words for number in self._ids_of(word))

    def num_unknown(self, encoding: Encoding, max_tokens: int | None = None) -> int:
        """Return how many words of the first tokens have no vector; numbers and punctuation count as known."""
        words = (self._as_read(token) for token in encoding.tokens[:max_tokens] if token != NUM)
        return sum(has_letter_or_digit(word) and word not in self._ids for word in words)

    def _as_read(self, token: str) -> str:
        return token if token in self._ids else CONTRACTIONS.get(token, token)

    def _ids_of(self, word: str) -> tuple[int, ...]:
        known = self._ids.get(word)
        if known is not None:
            return (known,)
        return self._bucket(f"whole {word}"), self._bucket(f"beginning {word[:BEGINNING]}")

    def _bucket(self, key: str) -> int:
        return len(self.words) + zlib.crc32(key.encode("utf-8", "surrogatepass")) % self.num_buckets

    def to_bytes(self) -> bytes:
        """Return the content of lexicon.txt: the number of buckets, then a word a line."""
        return "\n".join((str(self.num_buckets), *self.words, "")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Lexicon:
        """Read what `to_bytes` wrote.

        Raises:
            ModelFolderError: It is something else.
        """
        try:
            first, *words = data.decode().split("\n")[:-1]
            num_buckets = int(first)
        except ValueError as error:
            raise ModelFolderError(f"no lexicon ({error}); export the model again") from None
        if num_buckets < 1 or len(set(words)) != len(words):
            raise ModelFolderError("a lexicon has at least one bucket and no word twice; export the model again")
        return cls(words, num_buckets)


def digits(surface: str) -> str:
    """Return a number as it is compared: without separators of thousands, and as it stands if it has no digit."""
    bare = surface.strip(".,").replace(",", "")
    return bare if has_letter_or_digit(bare) else surface
