"""Words hidden while training: from the encoder, which has to read past them, or from the decoder."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from resay.corpus.batches import Batch
from resay.text import SPECIAL_WORDS, UNK_ID


def hide_words(batch: Batch, rate: float, generator: np.random.Generator) -> Batch:
    """Return a batch whose encoder input has some words replaced by ``<unk>``; targets stay as they are.

    A vocabulary made from the training corpus leaves next to no unknown word in it: without this, the first
    ``<unk>`` that the encoder meets in use is a vector that it has never seen.

    Args:
        batch: Sentences.
        rate: Share of the words to hide, 0 to 1; special words are not hidden.
        generator: Draws one number for each position, whatever the rate.
    """
    return replace(batch, token_ids=_hidden(batch.token_ids, rate, generator))


def drop_previous_words(batch: Batch, rate: float, generator: np.random.Generator) -> Batch:
    """Return a batch whose decoder is told ``<unk>`` in the place of some words that it said (word dropout).

    A decoder that cannot see what it said has to ask the latent (Bowman et al. 2016). The begin mark and the targets
    stay as they are.

    Args:
        batch: Sentences.
        rate: Share of the words to drop, 0 to 1; special words are not dropped.
        generator: Draws one number for each position, whatever the rate.
    """
    return replace(batch, previous_ids=_hidden(batch.previous_ids, rate, generator))


def _hidden(token_ids: NDArray[np.int64], rate: float, generator: np.random.Generator) -> NDArray[np.int64]:
    hidden = generator.random(token_ids.shape) < rate
    return np.where(hidden & (token_ids >= len(SPECIAL_WORDS)), UNK_ID, token_ids)
