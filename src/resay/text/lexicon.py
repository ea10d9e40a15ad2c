"""Which word vectors stand for a text when it is compared: a list of words far beyond the decoder's vocabulary.

A decoder can say only the words that it was trained on, but a comparison can read any word that has a vector. Words
without one still tell texts apart: they are hashed into buckets, each with a random direction of its own, once
whole and once by their beginning, so that "Syria" is like itself and a little like "Syrian".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class LexiconReading:
    """What a text is compared by.

    Attributes:
        ids: Of words and buckets, in the order of the text.
        num_unknown: Words without a vector; numbers and punctuation count as known.
    """

    ids: tuple[int, ...]
    num_unknown: int


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

    @cached_property
    def _known_words(self) -> Mapping[str, tuple[int, ...]]:
        """Ids of each token that is, or is read as, a word with a vector: nearly all of a text."""
        words = {word: (number,) for word, number in self._ids.items() if word != NUM and has_letter_or_digit(word)}
        read_as = {token: words[word] for token, word in CONTRACTIONS.items() if word in words}
        return read_as | words

    def read(self, encoding: Encoding, max_tokens: int | None = None) -> LexiconReading:
        """Return what stands for the first tokens of a text; at least one id for a text of any token.

        A number stands under its digits, which the decoder's vocabulary does not tell apart. Punctuation stands
        for nothing unless there is nothing else.
        """
        known = self._known_words
        found: list[int] = []
        num_unknown = 0
        for place, token in enumerate(encoding.tokens[:max_tokens]):
            ids = known.get(token)
            if ids is None:
                word = digits(encoding.surfaces[place]) if token == NUM else self._as_read(token)
                if not has_letter_or_digit(word):
                    continue
                ids = self._ids_of(word)
                num_unknown += token != NUM and word not in self._ids
            found += ids
        return LexiconReading(tuple(found) or self._ids_of_punctuation(encoding, max_tokens), num_unknown)

    def ids(self, encoding: Encoding, max_tokens: int | None = None) -> tuple[int, ...]:
        """Return the ids of `read`."""
        return self.read(encoding, max_tokens).ids

    def num_unknown(self, encoding: Encoding, max_tokens: int | None = None) -> int:
        """Return how many words of the first tokens have no vector; numbers and punctuation count as known."""
        return self.read(encoding, max_tokens).num_unknown

    def _ids_of_punctuation(self, encoding: Encoding, max_tokens: int | None) -> tuple[int, ...]:
        pairs = zip(encoding.tokens[:max_tokens], encoding.surfaces[:max_tokens], strict=True)
        words = [digits(surface) if token == NUM else self._as_read(token) for token, surface in pairs]
        return tuple(number for word in words for number in self._ids_of(word))

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
