"""What makes a figure good or bad."""

import math

import numpy as np
import pytest
from drills.judging import Finding, at_least, at_most, exactly, late_growth, slope_growth


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (at_most(2), 2.0, "yes"),
        (at_most(2), 2.1, "no"),
        (at_least(0.9), 0.9, "yes"),
        (at_least(0.9), 0.89, "no"),
        (exactly(0), 0, "yes"),
        (exactly(0), 1, "no"),
        (at_most(2), math.nan, "no"),
        (at_most(2), math.inf, "no"),
        (None, 5.0, ""),
    ],
)
def test_a_goal_is_met_or_not(goal, value, met):
    assert Finding("figure", value, "s", goal).met == met


def test_goals_can_be_read():
    assert [str(goal) for goal in (at_most(0.5), at_least(10_000), exactly(0))] == ["<= 0.5", ">= 10000", "= 0"]


def test_memory_that_stays_after_the_warm_up_does_not_grow():
    places = list(range(0, 10_001, 100))
    sizes = [300.0 + min(place, 2000) / 20 for place in places]
    assert late_growth(places, sizes) == 0
    assert slope_growth(places, sizes) == pytest.approx(0, abs=1e-12)


def test_a_leak_is_found_and_measured():
    places = list(range(0, 10_001, 100))
    sizes = [400.0 + 0.01 * place for place in places]  # 100 MB in all
    assert late_growth(places, sizes) == pytest.approx(495 / 425 - 1)
    assert slope_growth(places, sizes) == pytest.approx(50 / 475)


def test_a_leak_is_found_in_noise_and_none_where_there_is_noise_alone():
    places = np.arange(0, 10_000, 25)
    noise = np.random.default_rng(0).normal(0, 2, len(places))
    flat, leaking = 400 + noise, 400 + noise + 0.008 * places
    assert abs(slope_growth(places.tolist(), flat.tolist())) < 0.01
    assert slope_growth(places.tolist(), leaking.tolist()) == pytest.approx(40 / 460, abs=0.01)


def test_one_high_sample_is_no_growth():
    places = list(range(0, 10_001, 100))
    sizes = [400.0] * len(places)
    sizes[-1] = 800.0
    assert late_growth(places, sizes) == 0


@pytest.mark.parametrize("growth", [late_growth, slope_growth])
@pytest.mark.parametrize("num_samples", [0, 1, 3])
def test_too_few_samples_meet_no_goal(growth, num_samples):
    found = growth([float(place) for place in range(num_samples)], [400.0] * num_samples)
    assert math.isnan(found)


def test_samples_of_one_moment_meet_no_goal():
    assert math.isnan(slope_growth([5.0] * 10, [400.0] * 10))
