"""The commands, against a server of real sockets."""

import csv
import importlib
import sys
import time
from types import SimpleNamespace

import pytest


@pytest.fixture
def run(socket_server, encode_bytes, tmp_path, monkeypatch, capsys):
    """Run a script for users of `encode`, with a file of thresholds that asks for nothing."""
    nothing = tmp_path / "thresholds.toml"
    nothing.write_text("")

    def run_script(name, *options, answer=encode_bytes):
        server = socket_server(answer)
        short = ["--host", server.url, "--seconds", "0.5", "--warm-up", "0", "--thresholds", str(nothing)]
        monkeypatch.setattr(sys, "argv", [name, *short, "--users", "interactive", *options])
        status = importlib.import_module(name).main()
        return SimpleNamespace(returncode=status, **capsys.readouterr()._asdict())

    return run_script


def test_the_knee_is_found_and_written(run, tmp_path, encode_bytes):
    def answer(body):
        time.sleep(0.003)
        return encode_bytes(body)

    options = ["--out", str(tmp_path / "out"), "--most-users", "1", "--seconds", "0.2", "--p99-ms", "1000"]
    done = run("find_knee", *options, answer=answer)
    assert done.returncode == 0, done.err
    assert "knee: " in done.out
    assert "its CPU time stays empty" in done.out
    with (tmp_path / "out" / "knee.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["knee"] for row in rows].count("True") == 1
    assert {row["model"] for row in rows} == {"made-up"}
    assert float(rows[0]["client_cpu_share"]) > 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"knee.csv", "knee.png", "README.md"}


def test_a_violated_threshold_fails_the_run_and_is_named(run):
    assert run("offer_load", "--rate", "50", "--fail-if", "requests==25", "p99_ms<5000").returncode == 0
    done = run("offer_load", "--rate", "50", "--fail-if", "requests==25", "p99_ms<0.001")
    assert done.returncode == 1
    assert "interactive: p99_ms < 0.001 is violated: p99_ms = " in done.err
    assert "requests" not in done.err


def test_a_file_of_thresholds_fails_the_run(run, tmp_path):
    path = tmp_path / "strict.toml"
    path.write_text('interactive = ["failures == 0", "checked > 1e9"]\nbulk = ["failures > 0"]\n')
    done = run("offer_load", "--concurrency", "2", "--thresholds", str(path))
    assert done.returncode == 1
    assert done.err.startswith("interactive: checked > 1e+09 is violated")
    assert "bulk" not in done.err


def test_a_server_that_refuses_is_named(run, reply_bytes):
    refusal = reply_bytes(b'{"error": {"code": "model_not_found"}}', 404)
    done = run("offer_load", "--rate", "50", answer=lambda _: refusal)
    assert done.returncode == 1
    assert "/predictions/encode answered" in done.err
    assert "status 404 model_not_found" in done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rate", "5", "--users", "interactiv"], "did you mean 'interactive'"),
        (["--rate", "5", "--host", "https://127.0.0.1"], "plain HTTP"),
        (["--rate", "5", "--fail-if", "p99<3"], "the column of a threshold"),
        (["--rate", "5", "--header", "nothing"], "--header must look like"),
    ],
)
def test_wrong_options_are_named(run, options, words):
    done = run("offer_load", *options)
    assert done.returncode == 1
    assert words in done.err
