"""Seeds of one training come together; figures are written as they should be; the control is seen."""

import math

import pytest

from resay.evaluation.report.control import UNTRAINED, equals_untrained, untrained_figures
from resay.evaluation.report.metrics import METRICS, TASK_GROUPS, group_tasks, metric_of, show_number
from resay.evaluation.report.summary import (
    Figure,
    Standing,
    base_name,
    measures_of,
    natural_order,
    show_figure,
    summarize,
)

MRPC, STS = ("mrpc", "accuracy"), ("sts-b", "cosine_pearson")


def test_seeds_of_a_training_are_one_system(table):
    standings = summarize(table)
    assert [one.system for one in standings] == ["ce", "soft", "average", "random-lstm"]
    soft = standings[1]
    assert (soft.seeds, soft.loss, soft.trained) == (("0", "1", "2"), "soft-label", True)
    assert soft.figures[MRPC].values == (70, 72, 71)
    assert (soft.figures[MRPC].mean, soft.figures[MRPC].deviation) == pytest.approx((71, 1))
    assert soft.figures["snli", "accuracy"].note == "20k train pairs"
    assert not standings[3].trained


def test_each_training_may_stand_for_itself(table):
    names = [one.system for one in summarize(table, by_seed=True)]
    assert names[:4] == ["ce-seed0", "soft-seed0", "soft-seed1", "soft-seed2"]


def test_readings_stand_apart_and_are_named(results):
    rows = [results("ce-seed0", *MRPC, 70.0), results("ce-seed0:latent", *MRPC, 60.0, reading="latent")]
    assert [one.label for one in summarize(rows)] == ["ce", "ce (latent)"]


@pytest.mark.parametrize(
    ("name", "base"), [("ce-seed12:latent", "ce"), ("random-lstm", "random-lstm"), ("x-seeds", "x-seeds")]
)
def test_base_names(name, base):
    assert base_name(name) == base


def test_names_are_ordered_by_their_numbers():
    names = ["soft-10", "wce", "soft-3", "soft-3-raw", "ce", "3"]
    assert sorted(names, key=natural_order) == ["3", "ce", "soft-3", "soft-3-raw", "soft-10", "wce"]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.7495, 3, "0.750"),
        (28.05, 1, "28.1"),
        (2.0, 1, "2.0"),
        (-0.5, 0, "-1"),
        (5000.0, None, "5000"),
        (1 / 3, None, "0.3333"),
    ],
)
def test_numbers_are_rounded_as_they_are_written(value, decimals, text):
    assert show_number(value, decimals) == text
    assert show_number(math.nan, decimals) == ""


@pytest.mark.parametrize(
    ("metric", "values", "seeds", "text"),
    [
        ("accuracy", (70.04,), ("0",), "70.0"),
        ("accuracy", (70.0, 72.0), ("0", "1"), "71.0 ± 1.4"),
        ("pearson", (0.5, 0.7), ("0", "1"), "0.600 ± 0.141"),
        ("accuracy", (70.0, 72.0), ("0", "1", "2"), "71.0 ± 1.4 (2 of 3 seeds)"),
        ("accuracy", (70.0,), (), "70.0"),
    ],
)
def test_a_figure_has_a_deviation_from_two_seeds_on(metric, values, seeds, text):
    standing = Standing("m", "", "ce", {("t", metric): Figure(values)}, seeds)
    assert show_figure(standing, ("t", metric)) == text
    assert show_figure(standing, ("other", metric)) == ""


def test_every_task_stands_in_one_table():
    everything = [task for members in TASK_GROUPS.values() for task in members]
    assert len(everything) == len(set(everything))
    groups = group_tasks(["polarity", "snli", "mrpc", "length", "mrpc"])
    assert list(groups.values()) == [["mrpc", "snli"], ["polarity"], ["length"]]


def test_short_tables_leave_out_what_does_not_lead(table):
    standings = summarize(table)
    assert measures_of(standings, ["sts-b", "mrpc"]) == [("sts-b", "mse"), STS, MRPC]
    assert measures_of(standings, ["sts-b"], leading=True) == [STS]
    assert not metric_of("cosine_pearson_low").leads
    assert metric_of("names_told_apart").title == "names told apart"


@pytest.mark.parametrize(
    ("metric", "ours", "theirs", "equal"),
    [
        ("accuracy", 71.0, 70.0, True),
        ("accuracy", 71.2, 70.0, False),
        ("accuracy", 60.0, 70.0, True),
        ("f1", 80.9, 80.0, True),
        ("pearson", 0.21, 0.2, True),
        ("pearson", 0.2101, 0.2, False),
        ("mse", 0.2, 0.2, False),
    ],
)
def test_an_untrained_lstm_within_the_tolerance_is_as_good(metric, ours, theirs, equal):
    measure = ("t", metric)
    standing = Standing("m", "", "ce", {measure: Figure((ours,))})
    assert equals_untrained(standing, measure, {measure: theirs}) == equal
    assert not equals_untrained(standing, measure, {})
    assert not equals_untrained(Standing("average", "", "", standing.figures), measure, {measure: theirs})


def test_the_best_of_the_untrained_readings_counts():
    standings = [
        Standing(UNTRAINED, reading, "", {MRPC: Figure(values)})
        for reading, values in (("latent", (66.0, 68.0)), ("mean", (65.0,)))
    ]
    assert untrained_figures([*standings, Standing("average", "", "", {MRPC: Figure((90.0,))})]) == {MRPC: 67.0}


def test_metrics_that_are_drawn_say_when_two_are_equal():
    assert all(metric.tolerance is not None for metric in METRICS.values() if metric.unit)
