"""Words hidden from the encoder, or from the decoder that said them: how many, which, and what stays."""

import numpy as np
import pytest

from resay.corpus import Batch, drop_previous_words, hide_words
from resay.text import BOS_ID, NUM_ID, PAD_ID, SPECIAL_WORDS, UNK_ID


@pytest.fixture
def batch():
    generator = np.random.default_rng(0)
    token_ids = generator.integers(5, 50, (200, 30))
    token_ids[:, 20:] = PAD_ID
    token_ids[:, 0] = NUM_ID
    previous_ids = np.concatenate([np.full((200, 1), BOS_ID), token_ids], axis=1)
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


def test_the_share_of_dropped_words_is_the_rate(batch):
    dropped = drop_previous_words(batch, 0.5, np.random.default_rng(1)).previous_ids == UNK_ID
    assert abs(dropped[:, 2:21].mean() - 0.5) < 0.02
    assert not dropped[:, 0].any(), "the begin mark is not dropped"
    assert not dropped[:, 1].any(), "numbers are not dropped"
    assert not dropped[:, 21:].any(), "padding is not dropped"


def test_dropping_leaves_encoder_inputs_and_targets(batch):
    noisy = drop_previous_words(batch, 0.5, np.random.default_rng(1))
    assert noisy.token_ids is batch.token_ids
    assert noisy.targets is batch.targets
    assert noisy.lengths is batch.lengths
    seen = noisy.previous_ids != UNK_ID
    assert np.array_equal(noisy.previous_ids[seen], batch.previous_ids[seen])


@pytest.mark.parametrize(("change", "changed"), [(hide_words, "token_ids"), (drop_previous_words, "previous_ids")])
def test_a_rate_of_nought_and_of_nearly_one(batch, change, changed):
    before = getattr(batch, changed)
    kept = getattr(change(batch, 0.0, np.random.default_rng(1)), changed)
    assert np.array_equal(kept, before)
    gone = getattr(change(batch, 1.0, np.random.default_rng(1)), changed)
    assert np.array_equal(gone, np.where(before < len(SPECIAL_WORDS), before, UNK_ID))
    assert np.array_equal(getattr(batch, changed), before), "the batch itself is not written to"


def test_dropping_is_decided_by_the_generator(batch):
    first, again, other = (drop_previous_words(batch, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.previous_ids, again.previous_ids)
    assert not np.array_equal(first.previous_ids, other.previous_ids)


def test_one_generator_hides_different_words_from_the_encoder_and_from_the_decoder(batch):
    generator = np.random.default_rng(1)
    noisy = drop_previous_words(hide_words(batch, 0.5, generator), 0.5, generator)
    hidden, dropped = noisy.token_ids[:, 1:20] == UNK_ID, noisy.previous_ids[:, 2:21] == UNK_ID
    assert abs((hidden & dropped).mean() - 0.25) < 0.02, "as often together as independent draws are"
