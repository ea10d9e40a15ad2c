"""The load test's own user code, against a real server, for a few seconds."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

LOCUSTFILE = Path(__file__).parents[2] / "loadtests" / "locustfile.py"
pytestmark = pytest.mark.skipif(importlib.util.find_spec("locust") is None, reason="the extra load is missing")


def run_locust(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", url, "--headless"]
    settings = ["-u", "5", "-r", "5", "-t", "3s", "--only-summary"]
    return subprocess.run([*command, *settings, *options], capture_output=True, text=True, timeout=60, check=False)


def test_right_replies_are_found_right(server, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("The food was very good.\n\nThe bed was so clean.\n")
    done = run_locust(server.url, "--texts", str(texts))
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("encode, 1 text", "encode, 32 texts", "paraphrase, n=3"):
        assert name in done.stdout + done.stderr


def test_wrong_replies_are_found(server, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("zyx qwv blorp\n")
    done = run_locust(server.url, "--texts", str(texts), "--tags", "paraphrase")
    assert done.returncode == 1
    assert "status 422" in done.stdout + done.stderr


def test_an_empty_file_of_texts_is_named(server, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n")
    done = run_locust(server.url, "--texts", str(texts))
    assert done.returncode != 0
    assert "holds no text" in done.stdout + done.stderr
