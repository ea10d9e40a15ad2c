"""Words hidden from the encoder, so that it learns to read past those that it will not know."""

from dataclasses import replace

import numpy as np

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
    hidden = generator.random(batch.token_ids.shape) < rate
    hidden &= batch.token_ids >= len(SPECIAL_WORDS)
    return replace(batch, token_ids=np.where(hidden, UNK_ID, batch.token_ids))
