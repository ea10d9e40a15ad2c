"""The five words with fixed ids."""

from __future__ import annotations

PAD = "<pad>"
UNK = "<unk>"
BOS = "<s>"
EOS = "</s>"
NUM = "_num_"

SPECIAL_WORDS = (PAD, UNK, BOS, EOS, NUM)
"""Index is id, in every vocabulary."""

PAD_ID, UNK_ID, BOS_ID, EOS_ID, NUM_ID = range(len(SPECIAL_WORDS))

UNPRINTABLE_WORDS = frozenset({PAD, UNK, BOS, EOS})
"""Special words that never stand in text: ``_num_`` may, since corpora are distributed with it."""
