"""The page of results is made from its template and tables, and what cannot be made is said."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from resay.errors import CorpusError, SettingsError
from resay.evaluation.report.results_page import HEAD, TEMPLATE, build_results_page
from resay.evaluation.rows import write_rows

PROJECT = Path(__file__).parents[3]
SCRIPT = PROJECT / "training" / "results_page.py"
RUNS = """run,loss,num_neighbours,token_accuracy,nats_per_token,exact_reconstruction,sts_b_test_latent
soft10,soft-label,10,0.7495,1.2885,0.2805,0.2548
soft3,soft-label,3,0.8,1.0,0.5,
"""


@pytest.fixture
def folder(tmp_path):
    def write(template):
        (tmp_path / TEMPLATE).write_text(template)
        return tmp_path

    return write


def test_the_page_in_the_repository_is_what_its_tables_make():
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_of_the_page_name_flags_that_exist():
    text = (PROJECT / "training" / "results" / TEMPLATE).read_text(encoding="utf-8")
    for script in ("evaluate.py", "train.py"):
        known = (PROJECT / "training" / script).read_text(encoding="utf-8")
        for command in re.findall(rf"^python training/{script}.*", text, re.MULTILINE):
            if script == "evaluate.py":
                assert [flag for flag in re.findall(r" (--[\w-]+)", command) if f'"{flag}"' not in known] == []


def test_check_fails_for_a_stale_page(folder, monkeypatch, capsys):
    here = folder("# Title\n\n<!-- runs runs.csv -->\n")
    (here / "runs.csv").write_text(RUNS)
    main = runpy.run_path(str(SCRIPT))["main"]

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["results_page.py", "--folder", str(here), *arguments])
        return main()

    assert run("--check") == 1
    assert not (here / "README.md").exists()
    assert run() == 0
    assert run("--check") == 0
    (here / "runs.csv").write_text(RUNS.replace("0.2805", "0.2905"))
    assert run("--check") == 1
    assert "is stale; run: python training/results_page.py" in capsys.readouterr().err
    (here / "runs.csv").unlink()
    assert run() == 1


def test_runs_are_a_line_each_rounded_as_they_are_written(folder):
    here = folder("<!-- runs runs.csv\nsoft3: the first, `x`\n-->\n\nEnd.\n")
    (here / "runs.csv").write_text(RUNS)
    page = build_results_page(here)
    assert page.startswith(HEAD)
    assert page.endswith("|\n\nEnd.\n")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    assert lines == [
        "| `soft3` | `soft-label`, N = 3, the first, `x` | 0.800 | 1.00 | 50.0 % |  |  |",
        "| `soft10` | `soft-label`, N = 10 | 0.750 | 1.29 | 28.1 % | 0.255 |  |",
    ]


def test_results_are_a_table_for_each_group(folder, table):
    here = folder("A\n\n<!-- results *.csv\n## Tasks\n\nText.\n-->\n\nB\n")
    write_rows(here / "t.csv", table)
    page = build_results_page(here)
    assert "A\n\n## Tasks\n\nText.\n\n### Paraphrases and entailment\n\n| system | mrpc, accuracy | snli (20k" in page
    assert "| `soft`, 3 seeds | 71.0 ± 1.0† | 60.0 ± 0.0 |" in page
    assert "| `ce` | 69.0† |  |" in page
    assert "| `random-lstm` | 70.5 | 50.0 |" in page
    assert "### Similarity\n\n| system | sts-b, Pearson of cosine |" in page
    assert (
        "From [t.csv](t.csv); 17 measurements in 42 s; commit abc1234; CPU: fast.\n\n†: an LSTM that was never" in page
    )
    assert page.endswith("\n\nB\n")


def test_results_may_be_chosen(folder, table):
    here = folder("<!-- results t.csv systems=so*,average tasks=mrpc readings=embedding -->\n")
    write_rows(here / "t.csv", table)
    page = build_results_page(here)
    assert "`soft`, 3 seeds | 71.0 ± 1.0†" in page
    assert not any(name in page for name in ("`ce`", "`average`", "`random-lstm` |", "snli"))


def test_a_pattern_that_matches_nothing_leaves_nothing(folder):
    assert build_results_page(folder("A\n\n<!-- results *.csv\n## Tasks\n-->\n\nB\n")) == f"{HEAD}A\n\nB\n"


@pytest.mark.parametrize(
    ("template", "error", "message"),
    [
        ("<!-- results t.csv -->\n", CorpusError, "t.csv: no such table"),
        ("<!-- results *.csv colour=red -->\n", SettingsError, "a filter of results must be one of: systems, read"),
        (
            "<!-- result *.csv -->\n",
            SettingsError,
            r"a mark must be one of: results, runs; got 'result' \(did you mean",
        ),
        ("<!-- runs none.csv -->\n", CorpusError, "none.csv: holds no row"),
        ("<!-- runs runs.csv\nsoft4: x\n-->\n", SettingsError, "runs.csv has no run soft4 to remark on"),
    ],
)
def test_what_cannot_be_made_is_said(folder, template, error, message):
    here = folder(template)
    if "none.csv" not in template and " t.csv" not in template:
        (here / "runs.csv").write_text(RUNS)
    with pytest.raises(error, match=message):
        build_results_page(here)
