"""What a tokenizer makes of one text."""

from __future__ import annotations

from dataclasses import dataclass

from resay.text.special import UNK_ID


@dataclass(frozen=True, slots=True)
class Encoding:
    """The words of one text; the lists are equally long.

    Attributes:
        token_ids: Id of each word; words outside the vocabulary have the id of ``<unk>``.
        tokens: Each word as it was normalised, known or not: ``Can't 12.50`` gives ``ca n't _num_``.
        surfaces: The slice of the source text that each word came from: ``Ca n't 12.50``.
        spans: Where each slice starts and ends in ``replace_surrogates(text)``. Words that came from one
            character (``㏂``) share it; no other spans overlap.
    """

    token_ids: list[int]
    tokens: list[str]
    surfaces: list[str]
    spans: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.token_ids)

    @property
    def num_unknown(self) -> int:
        """Number of words outside the vocabulary."""
        return self.token_ids.count(UNK_ID)
