from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.errors import RequestError
from resay.torchserve.request_headers import (
    LONGEST_QUEUE_SECONDS,
    Moment,
    RequestHeaders,
    deadline_of,
    queue_seconds,
    read_headers,
)

TAKEN = Moment(monotonic=50.0, unix=1_700_000_000.0)
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("start", "waited"),
    [
        ("t=1699999999.875", 0.125),
        ("t=1700000000", 0.0),
        ("t=1700000000.5", None),  # in the future
        (f"t={1_700_000_000 - LONGEST_QUEUE_SECONDS - 1}", None),
        ("t=0", None),
        ("1699999999.875", None),
        ("t=1699999999875", None),  # milliseconds
        ("t=nan", None),
        ("t=-1", None),
        ("", None),
        ("soon", None),
    ],
)
def test_an_arrival_that_cannot_be_is_left_out(start: str, waited: float | None) -> None:
    assert queue_seconds(start, TAKEN.unix) == waited


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("250", 0.25), ("0.5", 0.0005), (".5", 0.0005), ("1500.", 1.5), (" +20 ", 0.02)]
)
def test_a_timeout_is_a_number_of_milliseconds(timeout: str, seconds: float) -> None:
    assert deadline_of(RequestHeaders(timeout=timeout), TAKEN) == 50 + seconds
    assert deadline_of(RequestHeaders(timeout=timeout, queue_seconds=2.0), TAKEN) == 48 + seconds


@pytest.mark.parametrize(
    ("timeout", "code"),
    [
        ("0", "out_of_range"),
        ("0.0", "out_of_range"),
        ("-3", "out_of_range"),
        ("", "wrong_type"),
        ("1e3", "wrong_type"),
        ("inf", "wrong_type"),
        ("nan", "wrong_type"),
        ("1,5", "wrong_type"),
        ("٣", "wrong_type"),
        ("250ms", "wrong_type"),
    ],
)
def test_any_other_timeout_is_refused(timeout: str, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        deadline_of(RequestHeaders(timeout=timeout), TAKEN)
    assert (refused.value.status, refused.value.code, refused.value.path) == (422, code, "X-Request-Timeout-Ms")
    assert not timeout or timeout not in str(refused.value) or timeout == "0"


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (f"00-{TRACE}-{PARENT}-01", TRACE),
        (f"01-{TRACE}-{PARENT}-00-more", TRACE),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        (f"00-{TRACE}-{PARENT}", None),
        (f"00-{TRACE}x-{PARENT}-01", None),
        ("", None),
    ],
)
def test_only_a_valid_trace_is_followed(traceparent: str, trace_id: str | None) -> None:
    assert read_headers({"TraceParent": traceparent}, TAKEN).trace_id == trace_id


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [
        ("a-1_b.c:d/e+f=", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("two words", False),
        ("naïve", False),
        ("", False),
    ],
)
def test_an_id_that_could_be_a_sentence_is_not_logged(given_id: str, kept: bool) -> None:
    assert read_headers({"X-Request-ID": given_id}, TAKEN).request_id == (given_id if kept else None)


@pytest.mark.parametrize(
    ("length", "number"), [("12", 12), ("0", 0), ("-1", None), ("1.5", None), ("²", None), ("9" * 40, None)]
)
def test_the_size_of_json_before_tensors_is_read(length: str, number: int | None) -> None:
    assert read_headers({"Inference-Header-Content-Length": length}, TAKEN).json_bytes == number


NAMES = st.sampled_from(
    ["X-Request-Start", "X-Request-Id", "traceparent", "Accept", "Content-Type", "Inference-Header-Content-Length"]
)


@given(st.dictionaries(NAMES | st.text(max_size=5), st.text(max_size=40) | st.just({"content-type": "x"}), max_size=8))
def test_no_header_is_too_strange(headers: dict[str, object]) -> None:
    assert isinstance(read_headers(headers, TAKEN), RequestHeaders)


@given(st.text(max_size=12))
def test_any_timeout_is_a_moment_or_refused(timeout: str) -> None:
    with suppress(RequestError):
        assert deadline_of(RequestHeaders(timeout=timeout), TAKEN) >= TAKEN.monotonic


@pytest.mark.parametrize("timeout", ["9" * 8000 + "x", "9" * 8000, "." * 8000, " " * 8000 + "1"])
def test_a_long_header_is_not_even_searched(timeout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A pattern that went back on its digits took half a second for the first of these.
    monkeypatch.setattr("resay.torchserve.request_headers._NUMBER", None)
    with pytest.raises(RequestError) as refused:
        deadline_of(RequestHeaders(timeout=timeout), TAKEN)
    assert refused.value.code == "wrong_type"
