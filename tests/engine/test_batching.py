import pytest

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
