"""How much a batch holds: sentences, or padded tokens."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.corpus import BatchSize, Corpus, count_batches, iterate_batches, prepare_corpus
from resay.corpus.batches import bucketed_order
from resay.text import Tokenizer

lengths_of_sentences = st.lists(st.integers(1, 40), min_size=1, max_size=120).map(
    lambda lengths: np.array(lengths, np.int64)
)
sizes = st.builds(BatchSize, st.integers(1, 50), st.one_of(st.just(0), st.integers(1, 400)))


def order(lengths, size, seed=0):
    return bucketed_order(lengths, size, np.random.default_rng(seed))


@given(lengths=lengths_of_sentences, size=sizes, seed=st.integers(0, 9))
@settings(deadline=None)
def test_every_sentence_stands_in_one_batch(lengths, size, seed):
    batches = order(lengths, size, seed)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(len(batch) for batch in batches)


@given(lengths=lengths_of_sentences, size=sizes)
@settings(deadline=None)
def test_no_batch_is_over_a_limit_but_a_single_sentence(lengths, size):
    for batch in order(lengths, size):
        assert len(batch) <= size.sentences
        padded_tokens = len(batch) * (int(lengths[batch].max()) + 1)
        assert not size.tokens or padded_tokens <= size.tokens or len(batch) == 1


@given(lengths=lengths_of_sentences, size=sizes)
@settings(deadline=None)
def test_no_batch_ends_before_it_has_to(lengths, size):
    ascending = np.sort(lengths)
    bounds = [0, *size.starts(ascending).tolist(), len(ascending)]
    for first, end in itertools.pairwise(bounds[:-1]):
        num_sentences = end - first + 1
        over_tokens = bool(size.tokens) and num_sentences * (int(ascending[end]) + 1) > size.tokens
        assert num_sentences > size.sentences or over_tokens


@given(lengths=lengths_of_sentences, size=sizes)
@settings(deadline=None)
def test_starts_ascend_and_are_counted(lengths, size):
    starts = size.starts(np.sort(lengths))
    assert starts.dtype == np.int64
    assert bool((np.diff(starts, prepend=0) > 0).all())
    assert len(starts) == 0 or starts[-1] < len(lengths)
    assert count_batches(lengths, size) == len(starts) + 1 == len(order(lengths, size))


@given(lengths=lengths_of_sentences, size=sizes, seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_one_generator_gives_one_order(lengths, size, seed):
    first, again = order(lengths, size, seed), order(lengths, size, seed)
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in again]


def test_tokens_by_hand():
    """A sentence counts with its end mark, at the length of the longest beside it."""
    ascending = np.array([1, 1, 2, 4, 4, 11, 30])
    assert BatchSize(100, 10).starts(ascending).tolist() == [3, 5, 6]  # 3×3, 2×5, 1×12, 1×31
    assert BatchSize(2, 10).starts(ascending).tolist() == [2, 4, 5, 6]
    assert BatchSize(100, 9).starts(ascending).tolist() == [3, 4, 5, 6]
    assert BatchSize(3).starts(ascending).tolist() == [3, 6]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sizes")
    generator = np.random.default_rng(0)
    lines = [" ".join([f"w{index}", *["x"] * int(generator.integers(0, 15))]) for index in range(200)]
    (folder / "a.txt").write_text("\n".join(lines))
    prepare_corpus([folder / "a.txt"], Tokenizer.build(lines, min_count=1), folder / "corpus", max_length=20)
    return Corpus.open(folder / "corpus")


@pytest.mark.parametrize("size", [BatchSize(16), BatchSize(1000, 64), BatchSize(5, 64), BatchSize(1000, 1)])
def test_an_epoch_has_as_many_batches_as_were_counted(corpus, size):
    batches = list(iterate_batches(corpus, size, seed=3, epoch=1))
    assert len(batches) == count_batches(corpus.lengths, size)
    first_words = [word for batch in batches for word in batch.token_ids[:, 0].tolist()]
    assert len(first_words) == len(set(first_words)) == len(corpus)
    if size.tokens:
        assert all(batch.targets.size <= size.tokens or len(batch.lengths) == 1 for batch in batches)


def test_batches_of_tokens_resume_and_are_shared_as_others_are(corpus):
    def words(**place):
        batches = iterate_batches(corpus, BatchSize(1000, 64), seed=1, epoch=0, **place)
        return [batch.token_ids[:, 0].tolist() for batch in batches]

    whole = words()
    assert words(start=4) == whole[4:]
    halves = [words(stride=2, offset=offset) for offset in (0, 1)]
    assert len(halves[0]) == len(halves[1]) == len(whole) // 2
    assert halves[0] == whole[: len(halves[0]) * 2 : 2]


def test_tokens_fill_batches_evenly(corpus):
    """What the limit is for: steps of about the same work, however long the sentences are."""
    batches = sorted(iterate_batches(corpus, BatchSize(1000, 64), seed=1, epoch=0), key=lambda one: one.targets.size)
    assert all(batch.targets.size > 32 for batch in batches[1:]), "all but the last one cut"
    assert len({len(batch.lengths) for batch in batches}) > 5
