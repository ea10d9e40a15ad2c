"""Batches: every sentence once, in buckets, the same on every machine."""

import numpy as np
import pytest

from resay.corpus import IGNORED_TARGET, BatchSize, Corpus, iterate_batches, make_batch, prepare_corpus, spread_evenly
from resay.text import BOS_ID, EOS_ID, Tokenizer


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batches")
    words = [f"w{index}" for index in range(300)]
    generator = np.random.default_rng(0)
    lines = [" ".join([word, *["x"] * int(generator.integers(0, 9))]) for word in words]
    (folder / "a.txt").write_text("\n".join(lines))
    tokenizer = Tokenizer.build(lines, min_count=1)
    prepare_corpus([folder / "a.txt"], tokenizer, folder / "corpus", max_length=20)
    return Corpus.open(folder / "corpus")


def first_words(batches):
    return [batch.token_ids[:, 0].tolist() for batch in batches]


def test_every_sentence_comes_once_an_epoch(corpus):
    words = [word for batch in first_words(iterate_batches(corpus, BatchSize(16), seed=1, epoch=0)) for word in batch]
    assert len(words) == len(set(words)) == 300


def test_order_is_a_function_of_seed_and_epoch(corpus):
    def order(**place):
        return first_words(iterate_batches(corpus, BatchSize(16), **place))

    assert order(seed=1, epoch=0) == order(seed=1, epoch=0)
    assert order(seed=1, epoch=0) != order(seed=1, epoch=1)
    assert order(seed=1, epoch=0) != order(seed=2, epoch=0)


def test_resuming_leaves_out_what_was_done(corpus):
    whole = first_words(iterate_batches(corpus, BatchSize(16), seed=1, epoch=3))
    assert first_words(iterate_batches(corpus, BatchSize(16), seed=1, epoch=3, start=7)) == whole[7:]


def test_processes_share_an_epoch_without_overlap(corpus):
    whole = first_words(iterate_batches(corpus, BatchSize(16), seed=1, epoch=0))
    shares = [first_words(iterate_batches(corpus, BatchSize(16), seed=1, epoch=0, stride=2, offset=k)) for k in (0, 1)]
    assert len(shares[0]) == len(shares[1]) == len(whole) // 2
    assert shares[0] == whole[: len(shares[0]) * 2 : 2]
    assert shares[1] == whole[1 : len(shares[1]) * 2 : 2]


def test_almost_no_padding(corpus):
    batches = list(iterate_batches(corpus, BatchSize(16), seed=1, epoch=0))
    mixed = [batch for batch in batches if len(set(batch.lengths.tolist())) > 1]
    assert len(mixed) < len(set(corpus.lengths.tolist()))


def test_targets_are_the_sentence_then_the_end_mark_then_nothing(corpus):
    short, long = int(corpus.lengths.argmin()), int(corpus.lengths.argmax())
    batch = make_batch(corpus, np.array([short, long]))
    assert batch.previous_ids[:, 0].tolist() == [BOS_ID, BOS_ID]
    for row, length in enumerate(batch.lengths):
        sentence = batch.token_ids[row, :length].tolist()
        assert batch.previous_ids[row, 1 : length + 1].tolist() == sentence
        assert batch.targets[row, : length + 1].tolist() == [*sentence, EOS_ID]
        assert set(batch.targets[row, length + 1 :].tolist()) <= {IGNORED_TARGET}
    assert batch.num_targets == int((batch.targets != IGNORED_TARGET).sum())


def test_sentences_are_spread_evenly():
    assert spread_evenly(10, 3).tolist() == [0, 4, 9]
    assert spread_evenly(4, 10).tolist() == [0, 1, 2, 3]
    assert spread_evenly(1, 1).tolist() == [0]
    assert len(spread_evenly(2000, 1000)) == 1000
