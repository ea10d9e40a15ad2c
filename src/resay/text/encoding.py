"""What a tokenizer makes of one text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from resay.text.special import UNK_ID
from resay.text.surfaces import find_spans


@dataclass(frozen=True)
class Encoding:
    """The words of one text; the lists are equally long. Where words stand is worked out when it is first asked for.

    Attributes:
        token_ids: Id of each word; words outside the vocabulary have the id of ``<unk>``.
        tokens: Each word as it was normalised, known or not: ``Can't 12.50`` gives ``ca n't _num_``.
        text: ``replace_surrogates`` of the source text.
        offsets: Start and end of each word in it, as ``tokenizers`` reports them.
    """

    token_ids: list[int]
    tokens: list[str]
    text: str
    offsets: list[tuple[int, int]]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each word in `text`, widened over what normalising took from its edges.

        Words that came from one character (``㏂``) share it; no other spans overlap.
        """
        return find_spans(self.text, self.offsets)

    @cached_property
    def surfaces(self) -> list[str]:
        """The slice of the source text that each word came from: ``Ca n't 12.50``."""
        return [self.text[start:end] for start, end in self.spans]

    def __len__(self) -> int:
        return len(self.token_ids)

    @property
    def num_unknown(self) -> int:
        """Number of words outside the vocabulary."""
        return self.token_ids.count(UNK_ID)
