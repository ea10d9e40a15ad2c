"""The table of what the drills found, and the page made of it."""

import csv
import math
from pathlib import Path

import pytest
from drills.judging import Finding, at_most, exactly
from drills.recording import COLUMNS, Circumstances, record
from drills.table import DRILLS

from resay.errors import CorpusError

HERE = Circumstances(commit="abc1234", hardware="a machine", model="tiny", time="2026-01-01T00:00:00+00:00")


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_drill_replaces_its_own_rows_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "drills.csv"
    record(path, "latency", [Finding("p50", 3.0, "ms", at_most(2)), Finding("old", 1, "ms")], HERE)
    record(path, "drain", [Finding("z", 1, "requests"), Finding("a", 0, "requests", exactly(0))], HERE)
    record(path, "latency", [Finding("p50", 1.25, "ms", at_most(2))], HERE)
    rows = rows_in(path)
    assert tuple(rows[0]) == COLUMNS
    assert [(row["drill"], row["quantity"]) for row in rows] == [("drain", "z"), ("drain", "a"), ("latency", "p50")]
    assert rows[-1] == {
        "drill": "latency",
        "quantity": "p50",
        "value": "1.25",
        "unit": "ms",
        "goal": "<= 2",
        "met": "yes",
        "commit": "abc1234",
        "hardware": "a machine",
        "model": "tiny",
        "time": "2026-01-01T00:00:00+00:00",
    }


def test_the_page_says_what_was_missed(tmp_path: Path) -> None:
    path = tmp_path / "drills.csv"
    record(
        path, "latency", [Finding("p50", 3.0, "ms", at_most(2)), Finding("n", 1234, "requests", exactly(1234))], HERE
    )
    record(path, "drain", [Finding("p50", math.inf, "s"), Finding("lost", 0, "requests", exactly(0))], HERE)
    page = path.with_suffix(".md").read_text(encoding="utf-8")
    assert "## latency\n\n**1 of 2 goals are met.** 2026-01-01T00:00:00+00:00, tiny, commit abc1234, a machine." in page
    assert "## drain\n\nAll 1 goals are met." in page
    assert "| p50 | 3 ms | <= 2 | no |" in page
    assert "| n | 1,234 requests | = 1234 | yes |" in page
    assert "| p50 | inf s |  |  |" in page


def test_another_table_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "drills.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CorpusError, match="is no table of drills"):
        record(path, "latency", [Finding("p50", 3.0, "ms")], HERE)
    assert path.read_text() == "a,b\n1,2\n"


def test_every_drill_has_a_file_that_begins_with_its_name() -> None:
    for name, drill in DRILLS.items():
        assert drill.seconds > 0
        module = __import__("sys").modules[drill.run.__module__]
        assert module.__doc__.startswith(f"{name}: ")
