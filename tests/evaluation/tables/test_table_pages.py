"""The pages, from made-up rows: nothing is dropped, and sentences follow the figures."""

import pytest

from resay.evaluation.rows import write_rows
from resay.evaluation.tables.cells import Results
from resay.evaluation.tables.columns import MRPC, SICK_E, SNLI
from resay.evaluation.tables.figure2 import NORMALISED, RAW, collect, write_figure2
from resay.evaluation.tables.measuring import ROWS_FILE
from resay.evaluation.tables.open_questions import write_open_questions
from resay.evaluation.tables.report import write_report
from resay.evaluation.tables.table1 import write_table1

AHEAD = {"ce": (50, 52), "soft-label-2": (58, 60), "soft-label-3": (51, 53), "weighted-ce": (40, 42)}


def lines_with(page, *parts):
    return [line for line in page.splitlines() if all(part in line for part in parts)]


def section(page, title):
    start = page.index(f"## {title}")
    end = page.find("\n## ", start)
    return page[start : end if end >= 0 else None]


@pytest.fixture
def page(table, make_rows, make_row):
    def make(values=AHEAD, *, seeds=(0, 1), more=()):
        rows = [*make_rows(values), *more]
        rows += [make_row("majority-class", "mrpc", metric, 66.5, reading="") for metric in ("accuracy", "f1")]
        noted = [row | {"note": "20k train pairs"} if row["task"] == "snli" else row for row in rows]
        return write_table1(Results(noted, seeds), table.groups["table1"])

    return make


def test_ours_stand_beside_the_papers_and_the_best_are_marked(page):
    shown = section(page(), "The encoder's last state")
    (soft,) = lines_with(shown, "| `soft-label-2` |")
    assert soft == "| `soft-label-2` | not measured | **59.0 ± 1.4** | **59.0 ± 1.4** | **59.0 ± 1.4** |"
    (weighted,) = lines_with(shown, "| `weighted-ce` |")
    assert weighted == (
        "| `weighted-ce` | not measured [**79.4**] | 41.0 ± 1.4 [**68.2**] | 41.0 ± 1.4 [57.2] | 41.0 ± 1.4 [70.2] |"
    )
    (majority,) = lines_with(shown, "majority class")
    assert majority == "| majority class | 66.5 | 66.5 | not measured | not measured |"


def test_snli_says_everywhere_how_few_pairs_it_was_trained_on(page):
    shown = page()
    headings = [line for line in shown.splitlines() if "SNLI accuracy" in line and "* `" not in line]
    assert len(headings) == 4
    assert all("SNLI accuracy (20k train pairs)" in line for line in lines_with(shown, "SNLI accuracy"))
    assert "SNLI: ours 20k train pairs, the paper's 549,367" in shown


def test_what_is_ahead_is_decided_by_the_rows(page):
    shown = section(page(), "Ahead of `ce`?")
    (row,) = lines_with(shown, "| `soft-label-2` |")
    assert row.count("+8.0 (spread 2.8): ahead") == 3
    (row,) = lines_with(shown, "| `soft-label-3` |")
    assert row.count("+1.0 (spread 2.8): within the spread") == 3
    (row,) = lines_with(shown, "| `weighted-ce` |")
    assert row.count("-10.0 (spread 2.8): behind") == 3
    said = lines_with(shown, "* `")
    assert said == [
        "* `soft-label-2` is ahead of `ce` by more than the spread on 3 of 3 tasks: "
        "MRPC accuracy, SNLI accuracy (20k train pairs), SICK-E accuracy.",
        "* `soft-label-3` is ahead of `ce` by more than the spread on 0 of 3 tasks.",
    ]


def test_one_seed_decides_nothing(page):
    shown = page({row: values[:1] for row, values in AHEAD.items()}, seeds=(0,))
    assert "one seed, 0, hence without deviation" in shown
    assert "+8.0: spread unknown" in shown
    assert "on 0 of 3 tasks; 3 not decided, for want of figures." in shown


def test_the_best_is_held_against_the_papers_best(page):
    shown = section(page({**AHEAD, "soft-label-3": (72.4, 72.4)}), "Against the paper's best")
    assert lines_with(shown, "| SICK-E accuracy | 72.4 ± 0.0 (`soft-label-3`) | 72.4 | yes |")
    assert lines_with(shown, "| MRPC F1 | not measured | 79.4 | not measured | 66.5 |")
    below = section(page(), "Against the paper's best")
    assert lines_with(below, "| SICK-E accuracy | 59.0 ± 1.4 (`soft-label-2`) | 72.4 | no |")
    assert "Not all measured: `ce`, `soft-label-2`" in below


def test_rows_that_were_never_measured_stay_in_the_table(page):
    shown = section(page({"ce": (50, 52)}), "The encoder's last state")
    assert len(lines_with(shown, "| `soft-label-3` | not measured | not measured | not measured | not measured")) == 0
    assert lines_with(shown, "| `soft-label-2` | not measured | not measured | not measured | not measured |")
    (row,) = lines_with(page({"ce": (50, 52)}, seeds=(0, 1, 2)), "| `ce` | not measured [79.0] |")
    assert row.count("51.0 ± 1.4 (2 of 3 seeds)") == 3


FIGURE = {
    "ce": (50, 51),
    "soft-label-2": (52, 53),
    "soft-label-3": (51,),
    "soft-label-2-raw": (53,),
    "soft-label-3-raw": (53,),
}


def test_the_figures_lines_are_of_the_first_seed(table, make_rows):
    group = table.groups["figure2"]
    curves = collect(Results(make_rows(FIGURE), (0, 1)), table, group)
    assert curves.known(NORMALISED, MRPC) == {1: 50, 2: 52, 3: 51}
    assert curves.known(RAW, SNLI) == {1: 50, 2: 53, 3: 53}
    assert curves.costs(SICK_E) == {2: 1, 3: 2}


def test_what_normalisation_costs_is_decided_by_the_rows(table, make_rows, make_row):
    group = table.groups["figure2"]

    def write(rows):
        results = Results(rows, (0, 1))
        return write_figure2(collect(results, table, group), results, group)

    page = write(make_rows(FIGURE))
    assert "The paper's finding holds for the means over N" in page
    assert lines_with(page, "| SNLI accuracy | -1.50 | 2 of 2 | 0.71 | yes |")
    assert lines_with(page, "| MRPC accuracy | 2 (52.0) | 2 (53.0) | 3 to 5 |")
    worse = make_rows({**FIGURE, "soft-label-2-raw": (40,)})
    assert "does not hold: normalisation lowers 0 of the three" in write(worse)
    lacking = [row for row in make_rows(FIGURE) if "raw" not in row["system"] or row["task"] == "mrpc"]
    page = write(lacking)
    assert "Not decided: not every task is measured." in page
    assert lines_with(page, "| 2 | 52.0 | 53.0 | 52.0 | not measured | 52.0 | not measured |")


def test_open_questions_compare_rows_or_readings(table, make_rows):
    groups = table.chosen(["open", "table1"])
    rows = make_rows({"ce": (50, 52), "no-lemmas": (60, 62)}) + make_rows({"ce": (55, 55)}, reading="mean")
    page = write_open_questions(Results(rows, (0, 1)), groups)
    lemmas = section(page, "With base forms or without")
    (row,) = lines_with(lemmas, "| `no-lemmas`, `latent` against `ce`, `latent` |")
    assert row.count("+10.0 (spread 2.8): ahead") == 3
    assert row.endswith("| not measured |")
    assert lines_with(lemmas, "| `no-lemmas`, `embedding` | not measured |")
    pooling = section(page, "Which vector")
    (row,) = lines_with(pooling, "| `ce`, `mean` against `ce`, `latent` |")
    assert row.count("+4.0 (spread 1.4): ahead") == 3
    assert "table1" not in page


def test_every_page_is_written_even_where_little_is_measured(table, tmp_path, make_rows):
    pytest.importorskip("matplotlib")
    write_rows(tmp_path / ROWS_FILE, make_rows({"ce": (50,)}))
    written = list(write_report(tmp_path, table, ["table1", "figure2", "open"], [0, 1]))
    assert [path.name for path in written] == ["table1.md", "figure2.png", "figure2.md", "open.md"]
    assert (tmp_path / "figure2.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in write_report(tmp_path, table, ["lemmas"], [0])] == ["open.md"]
    nothing = tmp_path / "nothing"
    assert len(list(write_report(nothing, table, ["table1", "figure2", "open"], [0]))) == 4
    assert "| `ce` | not measured [79.0] |" in (nothing / "table1.md").read_text()
