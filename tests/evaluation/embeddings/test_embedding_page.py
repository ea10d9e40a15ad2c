"""The page says what the rows say."""

import pytest

from resay.evaluation.embeddings import VARIANTS, write_page
from resay.evaluation.embeddings.findings import Figures, Gain
from resay.evaluation.embeddings.graded import CHOICE_TASKS, GRADED_TASKS
from resay.evaluation.rows import COLUMNS, write_rows


def row(system, task, metric, value, note=""):
    cells = {"system": system, "task": task, "metric": metric, "value": value, "note": note}
    cells |= {"commit": "abcdef1", "hardware": "CPU: one", "seconds": 2.0}
    return dict.fromkeys(COLUMNS, "") | cells


def rows_of(system, pearson, gains=None):
    """Rows of one variant: gains by task, (0.01 ± spread)."""
    rows = [row(system, "making", "seconds", 3.2), row(system, "making", "components", 300.0)]
    for task in GRADED_TASKS:
        note = f"9 pairs of {task}; gain over something"
        rows.append(row(system, task, "cosine_pearson", pearson, note))
        if gains is not None:
            gain = gains.get(task, 0.0)
            ends = {"gain": gain, "gain_low": gain - 0.005, "gain_high": gain + 0.005}
            rows += [row(system, task, metric, value, note) for metric, value in ends.items()]
    return rows


@pytest.fixture
def page(tmp_path):
    def make(*parts):
        table = tmp_path / "embeddings.csv"
        write_rows(table, [one for part in parts for one in part])
        return write_page(table)

    return make


def test_steps_and_gains(page):
    text = page(
        rows_of("decoder-words", 0.5),
        rows_of("decoder-words-no-stop", 0.61239, dict.fromkeys(GRADED_TASKS, 0.11239)),
        rows_of("decoder-words-sif", 0.6126, dict.fromkeys(GRADED_TASKS, 0.00021) | {"sts-b-dev": -0.0214}),
        rows_of("default", 0.75, dict.fromkeys(GRADED_TASKS, 0.2)),
    )
    step = VARIANTS["decoder-words-no-stop"].text
    assert f"| `decoder-words-no-stop` | {step} |{' 0.612 (+0.112) |' * 5}" in text
    assert f"| `decoder-words` | {VARIANTS['decoder-words'].text} |{' 0.500 |' * 5}" in text
    assert "0.613 (*+0.0002*) | 0.613 (-0.021) | 0.613 (*+0.0002*)" in text
    assert "From the first step to the default: STS-B train 0.500 → 0.750, STS-B dev 0.500 → 0.750" in text
    assert "The largest step on STS-B dev is `default` (+0.200)." in text
    assert (
        "* `decoder-words-sif` lowers STS-B dev (-0.021); makes no clear difference on STS-B train (*+0.0002*), "
        "in-domain dev (*+0.0002*)."
    ) in text
    assert "* `decoder-words-no-stop` raises" not in text
    assert "* STS-B dev: 9 pairs of sts-b-dev\n" in text
    assert "16 measurements" not in text
    assert "24 measurements in 48 s; commit abcdef1; CPU: one" in text
    assert "Not measured: `decoder-words-english`, " in text


def test_what_did_not_help_and_what_did(page):
    text = page(
        rows_of("default", 0.75, {}),
        rows_of("extremes-0.3", 0.76, {"sts-b-train": 0.01}),
        rows_of("removed-1", 0.74, {"sts-b-train": 0.01, "yelp-similarity-dev": -0.01}),
        rows_of("signed-root", 0.75, {"sts-b-test": 0.01}),
        rows_of("whitening-0.2", 0.7, dict.fromkeys(GRADED_TASKS, -0.05)),
    )
    not_helped, helped = text.split("## What did not help")[1].split("## What helped and was left out")
    assert "`removed-1` raises STS-B train (+0.010); lowers in-domain dev (-0.010); makes no" in not_helped
    assert "`signed-root` makes no clear difference on" in not_helped
    assert "extremes" not in not_helped
    assert "`extremes-0.3` raises STS-B train (+0.010)" in helped
    assert "What speaks against it: it has three times the components." in helped
    assert "removed-1" not in helped.split("## Again")[0]
    assert "| 300 | 3 |" in helped
    choices = text.split("## Choices")[1].split("## What did not help")[0]
    assert "### Whitening" in choices
    assert f"| `default` |  |{' 0.750 |' * 5}\n| `whitening-0.2` | whitening 0.2 |{' 0.700 (-0.050) |' * 5}" in choices


def test_transfer_tasks_stand_on_it_once_they_are_measured(page):
    assert "Transfer" not in page(rows_of("default", 0.7))
    text = page(
        [
            row("default", "mrpc", "accuracy", 71.25),
            row("default", "mrpc", "f1", 80.0),
            row("default", "snli", "accuracy", 64.0, "20k train pairs"),
        ]
    )
    assert "| mrpc, accuracy | mrpc, F1 | snli (20k train pairs), accuracy |" in text
    assert "| `default` | 71.3 | 80.0 | 64.0 |" in text


def test_a_table_without_rows_makes_a_page(page):
    assert "Not measured: `decoder-words`, " in page([])


def test_only_intervals_off_zero_count():
    assert [Gain(*one).sign for one in ((0.1, 0.01, 0.2), (-0.1, -0.2, -0.01), (0.1, -0.1, 0.2))] == [1, -1, 0]
    figures = Figures(rows_of("signed-root", 0.7, dict.fromkeys(CHOICE_TASKS, 0.02)))
    assert figures.helps("signed-root")
    assert not figures.helps("default")
    assert figures.gain("default", "sts-b-dev") is None
