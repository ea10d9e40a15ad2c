from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.engine.fidelity.edit_table import Row, cheapest_steps

COSTS = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, float("inf")])


@st.composite
def tables(draw):
    num_targets = draw(st.integers(0, 5))
    skip = st.lists(COSTS, min_size=num_targets + 1, max_size=num_targets + 1)
    take = st.lists(COSTS, min_size=num_targets, max_size=num_targets)
    rows = draw(st.lists(st.tuples(skip, take, st.sampled_from([1, 1, 2, 3])), max_size=5))
    return rows, draw(st.lists(COSTS.filter(lambda cost: cost < 9), min_size=num_targets, max_size=num_targets))


def cost_of_step(row, target, num_targets):
    if num_targets == 0:
        return row.skip[target]
    return sum(row.take[target : target + num_targets]) + (row.length - num_targets) * row.shortfall


def least_cost(rows, leave):
    @cache
    def least(unit, target):
        if unit == len(rows) and target == len(leave):
            return 0.0
        ways = [float("inf")]
        if target < len(leave):
            ways.append(leave[target] + least(unit, target + 1))
        if unit < len(rows):
            most = min(rows[unit].length, len(leave) - target)
            for number in range(most + 1):
                ways.append(cost_of_step(rows[unit], target, number) + least(unit + 1, target + number))
        return min(ways)

    return least(0, 0)


@given(tables())
def test_no_way_is_cheaper(table):
    rows, leave = [Row(*columns, shortfall=0.25) for columns in table[0]], table[1]
    steps = cheapest_steps(rows, leave)
    expected = least_cost(rows, leave)
    if steps is None:
        assert expected == float("inf")
        return
    unit = target = 0
    total = 0.0
    for num_units, num_targets in steps:
        total += cost_of_step(rows[unit], target, num_targets) if num_units else leave[target]
        unit, target = unit + num_units, target + num_targets
    assert (unit, target) == (len(rows), len(leave))
    assert total == pytest.approx(expected)


def test_a_pair_is_preferred_to_two_that_go_alone():
    assert cheapest_steps([Row([1.0, 1.0], [2.0])], [1.0]) == [(1, 1)]
