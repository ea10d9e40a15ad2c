"""The drills as their user runs them, for a few seconds each; their figures are none."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resay.edge.program import find_nginx
from resay.errors import MissingExtraError

PROJECT = Path(__file__).parents[2]
DRILLS = PROJECT / "loadtests" / "drills" / "run.py"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc and uses epoll")


def run_drills(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, str(DRILLS), *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        check=False,
    )


def test_a_killed_worker_a_bad_neighbour_and_a_drain(model_path: Path, tmp_path: Path) -> None:
    names = ["kill-worker", "mixed-batch", "drain"]
    try:
        find_nginx()
    except MissingExtraError:
        names.remove("drain")
    out = tmp_path / "drills.csv"
    done = run_drills(*names, "--model", str(model_path), "--seconds", "2", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["drill"] for row in rows} == set(names)
    assert "no" not in {row["met"] for row in rows}
    values = {(row["drill"], row["quantity"]): float(row["value"]) for row in rows}
    assert values["kill-worker", "in flight at the kill"] >= 1
    assert values["kill-worker", "first right reply to a later request"] > 0
    if "drain" in names:
        assert values["drain", "accepted"] >= 1
        assert values["drain", "accepted after the SIGTERM"] >= 1
    assert all(f"## {name}\n" in out.with_suffix(".md").read_text() for name in names)


def test_a_drill_that_cannot_be_run_fails_and_records_nothing(tmp_path: Path) -> None:
    out = tmp_path / "drills.csv"
    done = run_drills("latency", "--model", str(tmp_path / "nowhere"), "--out", str(out))
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert not out.exists()


def test_an_unknown_drill_is_named() -> None:
    done = run_drills("latncy")
    assert done.returncode == 2
    assert "there is no drill 'latncy'; choose from kill-worker, overload" in done.stderr
