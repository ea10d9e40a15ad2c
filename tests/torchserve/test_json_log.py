import io
import json
import logging
from pathlib import Path

import pytest

from resay.engine.merging import log_fault
from resay.torchserve.json_log import LoggedRequest, error_code, log_request, logs_every_request

REQUEST = LoggedRequest("mine", "theirs", "0" * 31 + "1", 504, "deadline", 0.0123456)


def lines(json_log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in json_log.getvalue().splitlines()]


def test_a_request_is_one_line(json_log: io.StringIO) -> None:
    log_request(REQUEST)
    (line,) = lines(json_log)
    assert str(line.pop("time")).endswith("Z")
    assert isinstance(line.pop("worker"), int)
    assert line == {
        "level": "error",
        "endpoint": "encode",
        "event": "request",
        "request_id": "mine",
        "torchserve_id": "theirs",
        "trace_id": "0" * 31 + "1",
        "status": 504,
        "code": "deadline",
        "milliseconds": 12.35,
    }


def test_a_fault_is_one_line_that_quotes_nothing(json_log: io.StringIO) -> None:
    def fail(text: str) -> None:
        raise ValueError(f"cannot read {text}\nat all")

    try:
        fail("MARKER")
    except ValueError as error:
        log_fault(error)
        logging.getLogger("resay.engine").exception("it failed")
    first, second = lines(json_log)
    assert (first["event"], first["level"]) == ("fault", "error")
    assert str(first["message"]).startswith("ValueError while answering a request, at fail:")
    assert second["exception"] == "ValueError"
    assert "MARKER" not in json_log.getvalue()


def test_what_is_no_fault_is_a_message(json_log: io.StringIO) -> None:
    logging.getLogger("resay.engine").warning('a "%s"', "word")
    (line,) = lines(json_log)
    assert (line["event"], line["level"], line["message"]) == ("message", "warning", 'a "word"')


def test_lines_begin_as_the_front_ends_configuration_expects(json_log: io.StringIO) -> None:
    log_request(REQUEST)
    assert json_log.getvalue().startswith('{"time":"')
    configuration = (Path(__file__).parents[2] / "serving" / "log4j2.xml").read_text()
    assert r'^(?!\x7B"time":")' in configuration


@pytest.mark.parametrize(("given", "expected"), [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("", False)])
def test_a_line_for_each_request_has_to_be_asked_for(given: str, expected: bool) -> None:
    assert logs_every_request({"RESAY_LOG_REQUESTS": given}) is expected
    assert logs_every_request({}) is False


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, b'{"error": {"code": "too_long", "message": "the text MARKER"}}', "too_long"),
        (200, b'{"error": {"code": "too_long"}}', ""),
        (422, b'{"error": "the text MARKER is too long", "code": "too_long", "path": ""}', "too_long"),
        (422, b'{"error": "too long"}', ""),
        (422, b'{"error": {"code": 5}}', ""),
        (422, b'{"error": {"code": "Some text, at length"}}', ""),
        (422, b"[]", ""),
        (500, b"\x00", ""),
    ],
)
def test_the_code_of_an_error_is_found(status: int, body: bytes, code: str) -> None:
    assert error_code(status, body) == code
