"""How the learning rate and the penalty's weight move."""

import pytest

from resay.fitting.schedules import SCHEDULES, annealed


@pytest.mark.parametrize(
    ("done", "weight"),
    [(0.0, 0.01), (0.05, 0.2575), (0.1, 0.505), (0.2, 1.0), (0.2 - 1e-9, 1.0), (0.7, 1.0), (1.0, 1.0)],
)
def test_a_penalty_grows_in_a_straight_line_and_then_stays(done, weight):
    assert annealed(done, 0.01, 1.0, 0.2) == pytest.approx(weight, abs=1e-8)


@pytest.mark.parametrize("share", [0.1, 1.0, 1.5])
def test_a_penalty_starts_where_it_is_told_to(share):
    assert annealed(0.0, 0.25, 2.0, share) == 0.25


def test_a_penalty_without_annealing_is_there_at_once():
    assert annealed(0.0, 0.01, 1.0, 0.0) == 1.0


@pytest.mark.parametrize("done", [0.0, 0.3, 1.0])
def test_equal_ends_leave_nothing_to_anneal(done):
    assert annealed(done, 0.5, 0.5, 0.4) == 0.5


@pytest.mark.parametrize(("name", "half"), [("constant", 1.0), ("linear", 0.5), ("cosine", 0.5)])
def test_a_learning_rate_starts_high_and_ends_where_its_schedule_says(name, half):
    schedule = SCHEDULES[name]
    assert schedule(0.0) == 1.0
    assert schedule(0.5) == pytest.approx(half)
    assert schedule(1.0) == pytest.approx(1.0 if name == "constant" else 0.0)
