"""Means, deviations and differences, by hand; what is missing is said."""

import pytest

from resay.evaluation.tables.cells import NOT_MEASURED, Cell, Results, difference
from resay.evaluation.tables.columns import MRPC, PAPER_COLUMNS, SICK_E
from resay.evaluation.tables.paper import best_published, published, published_rows


def test_mean_and_sample_deviation():
    cell = Cell({0: 70.0, 1: 71.0, 2: 75.0}, (0, 1, 2))
    assert cell.mean == 72.0
    assert cell.deviation == pytest.approx((4 + 1 + 9) ** 0.5 / 2**0.5)
    assert cell.text(1) == "72.0 ± 2.6"


@pytest.mark.parametrize(
    ("values", "wanted", "text"),
    [
        ({0: 70.0, 1: 71.0}, (0, 1, 2), "70.5 ± 0.7 (2 of 3 seeds)"),
        ({1: 70.0}, (0, 1), "70.0 (1 of 2 seeds)"),
        ({0: 70.0}, (0,), "70.0"),
        ({}, (0, 1), NOT_MEASURED),
    ],
)
def test_what_is_missing_is_said(values, wanted, text):
    assert Cell(values, wanted).text(1) == text


def test_figures_are_found_by_what_they_are_of(make_row):
    rows = [
        make_row("ce-seed0", "mrpc", "accuracy", 60),
        make_row("ce-seed1", "mrpc", "accuracy", 62),
        make_row("ce-seed1", "mrpc", "f1", 1),
        make_row("ce-seed1", "mrpc", "accuracy", 2, reading="embedding"),
        make_row("ce-seed10", "mrpc", "accuracy", 3),
        make_row("ce-seed0", "snli", "accuracy", "", note="20k train pairs"),
    ]
    results = Results(rows, (0, 1))
    assert results.cell("ce", "latent", MRPC).values == {0: 60, 1: 62}
    assert results.cell("ce", "latent", MRPC, [1]).values == {1: 62}
    assert results.cell("ce", "latent", SICK_E).values == {}
    assert results.note("snli") == "20k train pairs"
    assert results.title(MRPC) == "MRPC accuracy"


def cell(*values):
    return Cell(dict(enumerate(map(float, values))), tuple(range(len(values))))


def test_a_difference_counts_when_it_is_more_than_both_deviations_together():
    one, other = cell(70, 72), cell(66, 68)  # deviations of √2 each
    found = difference(one, other)
    assert (found.by, found.spread) == (4, pytest.approx(2 * 2**0.5))
    assert (found.ahead, found.behind) == (True, False)
    assert (difference(other, one).ahead, difference(other, one).behind) == (False, True)
    near = difference(one, cell(68, 70))
    assert (near.ahead, near.behind) == (False, False)


def test_one_seed_tells_nothing_of_the_spread():
    found = difference(cell(70, 72), cell(60))
    assert (found.spread, found.ahead, found.behind) == (None, None, None)
    assert difference(cell(70), Cell({}, (0,))) is None


def test_nothing_is_decided_before_all_seeds_are_measured():
    found = difference(Cell({0: 70.0, 1: 70.1}, (0, 1, 2)), cell(60, 61, 62))
    assert (found.by, found.ahead, found.behind) == (pytest.approx(9.05), None, None)


def test_the_papers_table_is_whole():
    assert list(published_rows()) == [
        *("ce", "soft-label-3", "soft-label-5", "soft-label-10", "weighted-sim", "weighted-ce")
    ]
    assert [best_published(column) for column in PAPER_COLUMNS] == [79.4, 68.2, 69.1, 72.4]
    assert published("ce", MRPC) == 66.9
    assert published("weighted-sim-ce", MRPC) is None
