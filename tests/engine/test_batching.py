import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.engine.batching import batches_by_length, cheapest_first, cut_by_cost


@pytest.mark.parametrize(
    ("costs", "max_cost", "parts"),
    [
        ([], 5, []),
        ([2, 3, 1], 5, [[2, 3], [1]]),
        ([9, 1, 9], 5, [[9], [1], [9]]),
        ([0, 0, 6, 0], 5, [[0, 0], [6], [0]]),
    ],
)
def test_consecutive_parts_within_the_budget(costs, max_cost, parts):
    assert [costs[part] for part in cut_by_cost(costs, max_cost)] == parts


def test_cheapest_first_keeps_the_order_of_equals():
    assert cheapest_first([3, 1, 2, 1]) == [1, 3, 2, 0]


def test_batches_are_padded_to_the_budget_at_most():
    assert batches_by_length([4, 1, 2, 9], 6) == [[1, 2], [0], [3]]


def padding_of(lengths, batch):
    return len(batch) * max(lengths[index] for index in batch) / sum(lengths[index] for index in batch)


def test_a_batch_ends_before_it_pads_too_much():
    lengths = [3] * 20 + [30] * 20
    assert batches_by_length(lengths, 10_000, max_padding=1.15) == [list(range(20)), list(range(20, 40))]
    assert batches_by_length(lengths, 10_000) == [list(range(40))]


def test_small_batches_may_pad():
    lengths = [1, 2, 4, 8]
    assert batches_by_length(lengths, 10_000, max_padding=1.0, fewest_rows=4) == [[0, 1, 2, 3]]
    assert batches_by_length(lengths, 10_000, max_padding=1.0, fewest_rows=1) == [[0], [1], [2], [3]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=300), st.floats(1.0, 2.0), st.integers(1, 32))
def test_every_sentence_is_in_one_batch_and_large_batches_keep_their_budget(lengths, max_padding, fewest_rows):
    batches = batches_by_length(lengths, 500, max_padding, fewest_rows)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= 500
        assert len(batch) <= fewest_rows or padding_of(lengths, batch) <= max_padding
