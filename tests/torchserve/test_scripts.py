"""The two scripts, as far as they come without a server."""

import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from resay.torchserve.endpoints import DEFAULT_ENDPOINTS

PROJECT = Path(__file__).parents[2]
START = [sys.executable, str(PROJECT / "serving" / "start.py")]
ARCHIVE = [sys.executable, str(PROJECT / "export" / "archive.py")]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


@pytest.fixture(params=["start", "archive"])
def script(request, tmp_path: Path) -> list[str]:
    return START if request.param == "start" else [*ARCHIVE, "--out", str(tmp_path / "store")]


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "model.json"])
def test_a_damaged_file_is_named(script: list[str], model_path: Path, name: str) -> None:
    damaged = bytearray((model_path / name).read_bytes())
    damaged[0] ^= 1
    (model_path / name).write_bytes(damaged)
    done = run([*script, str(model_path)])
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_named(script: list[str], model_path: Path) -> None:
    (model_path / "decoder_step.onnx").unlink()
    done = run([*script, str(model_path)])
    assert done.returncode == 1
    assert "decoder_step.onnx" in done.stderr


def test_a_missing_folder_is_named(script: list[str], tmp_path: Path) -> None:
    done = run([*script, str(tmp_path / "nothing")])
    assert done.returncode == 1
    assert str(tmp_path / "nothing") in done.stderr


def test_a_taken_port_is_named(model_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        done = run([*START, str(model_path), "--port", str(port)])
    assert done.returncode == 1
    assert f"port {port} " in done.stderr
    assert "--port" in done.stderr


def check_refused(done: subprocess.CompletedProcess[str], text: str) -> None:
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_out_of_range_is_named(model_path: Path) -> None:
    check_refused(run([*START, str(model_path), "--port", "99999"]), "99999")


def test_no_workers_are_refused(script: list[str], model_path: Path) -> None:
    check_refused(run([*script, str(model_path), "--workers", "0"]), "got 0")


def test_a_wrong_limit_is_named(script: list[str], model_path: Path, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("[encode]\ntime_limit_seconds = 59\n")
    check_refused(run([*script, str(model_path), "--limits", str(limits)]), "got 59")


def test_a_folder_that_cannot_be_written_is_named(model_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check_refused(run([*ARCHIVE, str(model_path), "--out", str(tmp_path / "file" / "store")]), "file")


@pytest.mark.parametrize(
    ("host", "options", "is_warned"),
    [("0.0.0.0", [], True), ("0.0.0.0", ["--token-auth"], False), ("127.0.0.1", [], False)],
)
def test_strangers_are_warned_of(model_path: Path, host: str, options: list[str], is_warned: bool) -> None:
    with socket.socket() as listener:  # nothing starts
        listener.bind((host, 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        done = run([*START, str(model_path), "--host", host, "--port", str(port), *options])
    assert done.returncode == 1
    assert ("warning: the inference API listens on 0.0.0.0" in done.stderr) == is_warned


def test_a_full_disk_is_reported_plainly(model_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    start = runpy.run_path(START[1])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "encode.mar.partial")

    monkeypatch.setattr("sys.argv", ["start.py", str(model_path)])
    monkeypatch.setitem(start["main"].__globals__, "running_server", fail)
    assert start["main"]() == 1
    assert capsys.readouterr().err == "error: [Errno 28] No space left on device: 'encode.mar.partial'\n"


def test_archives_are_written(model_path: Path, tmp_path: Path) -> None:
    done = run([*ARCHIVE, str(model_path), "--out", str(tmp_path / "store")])
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "store").iterdir()} == {f"{name}.mar" for name in DEFAULT_ENDPOINTS}
    assert "encode.mar" in done.stdout


def test_archives_of_chosen_endpoints_are_written(model_path: Path, tmp_path: Path) -> None:
    done = run([*ARCHIVE, str(model_path), "--out", str(tmp_path / "store"), "--endpoints", "sample", "encode"])
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "store").iterdir()} == {"encode.mar", "sample.mar"}


def test_an_unknown_endpoint_is_named(script: list[str], model_path: Path) -> None:
    done = run([*script, str(model_path), "--endpoints", "encode", "samples"])
    check_refused(done, "did you mean 'sample'")
