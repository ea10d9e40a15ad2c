import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def helpers(monkeypatch):
    """Make the benchmarks' modules importable as they are to one another."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture(scope="session")
def run_script():
    """Run a benchmark as its user does; return what it printed."""

    def run(name, *arguments):
        command = [sys.executable, str(BENCHMARKS / name), *map(str, arguments)]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def read_rows():
    """Read a CSV file as one dict a row."""

    def read(path):
        with path.open(newline="") as stream:
            return list(csv.DictReader(stream))

    return read
