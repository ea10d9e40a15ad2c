"""Words hidden from the encoder: how many, which, and what stays."""

import numpy as np
import pytest

from resay.corpus import Batch, hide_words
from resay.text import NUM_ID, PAD_ID, UNK_ID


@pytest.fixture
def batch():
    generator = np.random.default_rng(0)
    token_ids = generator.integers(5, 50, (200, 30))
    token_ids[:, 20:] = PAD_ID
    token_ids[:, 0] = NUM_ID
    previous_ids = np.concatenate([np.full((200, 1), 2), token_ids], axis=1)
    return Batch(token_ids, np.full(200, 20), previous_ids, previous_ids.copy())


def test_the_share_of_hidden_words_is_the_rate(batch):
    hidden = hide_words(batch, 0.2, np.random.default_rng(1)).token_ids == UNK_ID
    assert abs(hidden[:, 1:20].mean() - 0.2) < 0.02
    assert not hidden[:, 0].any(), "numbers are not hidden"
    assert not hidden[:, 20:].any(), "padding is not hidden"


def test_targets_and_decoder_inputs_stay(batch):
    noisy = hide_words(batch, 0.5, np.random.default_rng(1))
    assert noisy.targets is batch.targets
    assert noisy.previous_ids is batch.previous_ids
    seen = noisy.token_ids != UNK_ID
    assert np.array_equal(noisy.token_ids[seen], batch.token_ids[seen])


def test_the_generator_decides(batch):
    first, again, other = (hide_words(batch, 0.3, np.random.default_rng(seed)).token_ids for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
