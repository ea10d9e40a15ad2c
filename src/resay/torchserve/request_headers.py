"""What the headers of one request say, and when it came."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from resay.engine.dialects import JSON_SIZE_HEADER
from resay.errors import RequestError

TIMEOUT_HEADER = "X-Request-Timeout-Ms"
LONGEST_QUEUE_SECONDS = 600.0
"""An `X-Request-Start` that lies longer ago is a clock that is wrong, not a request that waited."""

_NUMBER = re.compile(r"\s*(?P<sign>[+-]?)(?P<digits>\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})\s*", re.ASCII)
_LONGEST_NUMBER = 40
_START = re.compile(r"t=(?P<seconds>\d{1,12}(?:\.\d{1,9})?)", re.ASCII)
# An id is written to the log: it can be none that holds a sentence.
_ID = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)


class Moment(NamedTuple):
    """One moment on two clocks, in seconds: the one that deadlines go by, and the world's."""

    monotonic: float
    unix: float

    @classmethod
    def now(cls) -> Moment:
        """Return the present."""
        return cls(time.monotonic(), time.time())


class RequestHeaders(NamedTuple):
    """What matters of a request's headers; a tuple, since one is made for every request.

    Attributes:
        content_type: As it came, if it came.
        accept: As it came, if it came.
        request_id: The sender's, if it is one that may be logged.
        trace_id: Of a valid `traceparent`, 32 hexadecimal digits.
        queue_seconds: From the arrival at the edge until the worker took the request; None if nobody said when.
        timeout: What `X-Request-Timeout-Ms` says, unread.
        json_bytes: How many bytes of the body are JSON, if tensors follow it: `Inference-Header-Content-Length`.
    """

    content_type: str | None = None
    accept: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    queue_seconds: float | None = None
    timeout: str | None = None
    json_bytes: int | None = None


def read_headers(headers: Mapping[str, Any], taken: Moment) -> RequestHeaders:
    """Return what matters of a request's headers; what is nonsense counts as absent.

    Args:
        headers: By names in any spelling. TorchServe mixes form fields in among them, whose values are no strings.
        taken: When the worker took the request.
    """
    given = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    request_id = given.get("x-request-id")
    trace = given.get("traceparent")
    start = given.get("x-request-start")
    length = given.get(JSON_SIZE_HEADER.lower())
    return RequestHeaders(
        content_type=given.get("content-type"),
        accept=given.get("accept"),
        request_id=request_id if request_id and _ID.fullmatch(request_id) else None,
        trace_id=match["trace"] if trace and (match := _TRACEPARENT.fullmatch(trace)) else None,
        queue_seconds=None if start is None else queue_seconds(start, taken.unix),
        timeout=given.get(TIMEOUT_HEADER.lower()),
        json_bytes=int(length) if length and length.isascii() and length.isdigit() and len(length) < 10 else None,
    )


def queue_seconds(start: str, now: float) -> float | None:
    """Return how long ago `X-Request-Start` was, which is ``t=`` and seconds since 1970; None if that cannot be."""
    match = _START.fullmatch(start)
    if match is None:
        return None
    age = now - float(match["seconds"])
    return age if 0 <= age <= LONGEST_QUEUE_SECONDS else None


def deadline_of(headers: RequestHeaders, taken: Moment) -> float:
    """Return the moment, in seconds of `time.monotonic`, after which a request's sender waits no more.

    Raises:
        RequestError: 422 ``wrong_type`` or ``out_of_range``, if the timeout is no positive number.
    """
    if headers.timeout is None:
        return math.inf
    match = _NUMBER.fullmatch(headers.timeout) if len(headers.timeout) <= _LONGEST_NUMBER else None
    if match is None:
        raise RequestError(
            422, "wrong_type", f"{TIMEOUT_HEADER} must be a number of milliseconds, such as 250", TIMEOUT_HEADER
        )
    milliseconds = float(match["digits"])
    if match["sign"] == "-" or milliseconds == 0:
        raise RequestError(
            422,
            "out_of_range",
            f"{TIMEOUT_HEADER} must be more than 0: the milliseconds that you wait, counted from the request's arrival",
            TIMEOUT_HEADER,
        )
    return taken.monotonic - (headers.queue_seconds or 0.0) + milliseconds / 1000
