import json
from pathlib import Path

import pytest

from resay.torchserve.worker_log import load_failure, load_has_failed, log_lines

TIME = "2026-11-21T09:07:46.342Z"


def write_workers(logs: Path, *lines: str) -> None:
    """Write lines of the form "THREAD - TEXT" as serving/log4j2.xml does."""
    told = (line.split(" - ", 1) for line in lines)
    objects = [{"time": TIME, "thread": thread, "text": text} for thread, text in told]
    (logs / "workers.log").write_text("".join(json.dumps(line) + "\n" for line in objects))


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        (f"{TIME} [WARN ] W-9000-encode_1.0 BatchAggregator - Load model failed: encode\n", True),
        (f"{TIME} [WARN ] main ModelArchive - something else\n", False),
        (None, False),
    ],
)
def test_a_failed_load_is_seen(tmp_path: Path, text: str | None, failed: bool) -> None:
    if text is not None:
        (tmp_path / "server.log").write_text(text)
    assert load_has_failed(tmp_path) is failed


def test_an_error_of_our_own_speaks_for_itself(tmp_path: Path) -> None:
    write_workers(
        tmp_path,
        "W-9001-paraphrase_1.0-stdout - loading",
        "W-9000-encode_1.0-stdout - Backend worker process died.",
        "W-9001-paraphrase_1.0-stdout - still loading",
        "W-9000-encode_1.0-stdout - Traceback (most recent call last):",
        "W-9000-encode_1.0-stdout - resay.errors.DeviceError: device 'cuda' is not there - sorry",
    )
    assert load_failure(tmp_path) == "device 'cuda' is not there - sorry"


def test_any_other_error_is_shown_by_the_end_of_its_traceback(tmp_path: Path) -> None:
    write_workers(
        tmp_path,
        "W-9000-encode_1.0-stdout - Backend worker process died.",
        "W-9000-encode_1.0-stdout - Traceback (most recent call last):",
        "W-9001-paraphrase_1.0-stdout - loading",
        "W-9000-encode_1.0-stdout - ValueError: strange",
    )
    assert load_failure(tmp_path) == "Traceback (most recent call last):\nValueError: strange"


def test_a_worker_killed_from_outside_leaves_only_the_logs(tmp_path: Path) -> None:
    write_workers(tmp_path, "W-9000-encode_1.0-stdout - loading")
    assert str(tmp_path) in load_failure(tmp_path)


def test_what_is_no_json_yet_or_has_no_thread_is_passed_over(tmp_path: Path) -> None:
    write_workers(tmp_path, "W-9000-encode_1.0-stdout - Backend worker process died.", "W-9000-encode_1.0-stdout - Aha")
    with (tmp_path / "workers.log").open("a") as log:
        log.write('{"time":"2026","event":"message","endpoint":"encode"}\n[]\n{"time":"20')
    assert load_failure(tmp_path) == "Aha"
    assert [set(line) for line in log_lines(tmp_path / "workers.log")][2:] == [{"time", "event", "endpoint"}]
