"""The load tests' own code, against a real server, for a few seconds each."""

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

LOADTESTS = Path(__file__).parents[2] / "loadtests"
locust_is_there = pytest.mark.skipif(importlib.util.find_spec("locust") is None, reason="the extra load is missing")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Texts that the tiny model knows."""
    path = tmp_path / "texts.txt"
    path.write_text("The food was very good.\n\nThe bed was so clean.\n")
    return path


def run_script(name: str, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LOADTESTS / name), "--host", url, "--seconds", "0.3", "--warm-up", "0"]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=120, check=False)


def run_locust(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "locust", "-f", str(LOADTESTS / "locustfile.py"), "--host", url, "--headless"]
    settings = ["-u", "5", "-r", "5", "-t", "2s", "--only-summary"]
    return subprocess.run([*command, *settings, *options], capture_output=True, text=True, timeout=60, check=False)


@locust_is_there
def test_right_replies_are_found_right(server, texts: Path) -> None:
    done = run_locust(server.url, "--texts", str(texts), "InteractiveUser", "BulkUser", "ParaphraseUser")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("interactive", "bulk", "paraphrase"):
        assert f"POST     {name} " in done.stdout + done.stderr


@locust_is_there
def test_wrong_replies_are_found(server, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("zyx qwv blorp\n")
    done = run_locust(server.url, "--texts", str(texts), "--tags", "paraphrase")
    assert done.returncode == 1
    assert "status 422" in done.stdout + done.stderr
    assert '"MixUser": 5' in done.stdout + done.stderr


@locust_is_there
def test_an_empty_file_of_texts_is_named(server, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n")
    done = run_locust(server.url, "--texts", str(texts))
    assert done.returncode != 0
    assert "holds no text" in done.stdout + done.stderr


def test_every_kind_of_request_is_answered_rightly(server, texts: Path) -> None:
    """A mix, in the open loop; the limits are such that no slow machine fails."""
    generous = ["--p99-ms", "20000", "--fail-if", "failures==0", "frontend_cpu_ms>0", "worker_cpu_ms>0"]
    options = ["--users", "mix", "--rate", "80", "--texts", str(texts), *generous]
    done = run_script("offer_load.py", server.url, "--seconds", "2", *options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_knee_is_written(server, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    options = ["--users", "bulk-raw", "--texts", str(texts), "--most-users", "1", "--p99-ms", "20000"]
    done = run_script("find_knee.py", server.url, *options, "--fail-if", "p99_ms<0.001", "--out", str(out))
    assert done.returncode == 1
    assert "bulk-raw: p99_ms < 0.001 is violated" in done.stderr
    with (out / "knee.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["model"] for row in rows} == {"tiny"}
    assert {row["wrong"] for row in rows} == {"0"}
    assert [row["knee"] for row in rows].count("True") == 1
