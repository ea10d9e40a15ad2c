"""What a worker logs: one JSON object a line, and never anything that a request said."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

LOG_REQUESTS_VARIABLE = "RESAY_LOG_REQUESTS"
LIBRARY = "resay"

_CODE = re.compile(r"[a-z0-9_]{1,40}")
_requests = logging.getLogger("resay.requests")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """What is told of one request.

    Attributes:
        request_id: The sender's, or else TorchServe's.
        torchserve_id: TorchServe's, which its reply bears as `x-request-id`.
        trace_id: Of its `traceparent`.
        status: Of the reply.
        code: Of the error, if it is one.
        seconds: From its arrival to its reply.
    """

    request_id: str
    torchserve_id: str
    trace_id: str | None
    status: int
    code: str
    seconds: float


class JsonLines(logging.Formatter):
    """One JSON object for each record, with no traceback: an error's message may quote a text."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; it begins with `{"time":"`, by which the front end's log knows it."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "endpoint": self._endpoint,
            "worker": record.process,
        }
        told = getattr(record, "told", None)
        if isinstance(told, LoggedRequest):
            line |= {
                "event": "request",
                "request_id": told.request_id,
                "torchserve_id": told.torchserve_id,
                "trace_id": told.trace_id,
                "status": told.status,
                "code": told.code,
                "milliseconds": round(told.seconds * 1000, 2),
            }
        else:
            event = "fault" if record.levelno >= logging.ERROR else "message"
            line |= {"event": event, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
        return orjson.dumps(line).decode()


def start_json_log(endpoint: str) -> None:
    """Have everything that the library logs written to standard output, which TorchServe passes on to its log."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(endpoint))
    library = logging.getLogger(LIBRARY)
    library.handlers = [handler]
    library.setLevel(logging.INFO)
    library.propagate = False  # TorchServe's own handler writes no JSON
    # TorchServe's worker writes two lines a batch, one of them a metric that ours say better.
    logging.getLogger().setLevel(logging.WARNING)


def logs_every_request(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether RESAY_LOG_REQUESTS asks for a line for each request, not only for those that failed by our fault."""
    return environment.get(LOG_REQUESTS_VARIABLE, "").lower() in ("1", "true", "yes")


def log_request(told: LoggedRequest) -> None:
    """Log a request."""
    _requests.log(logging.ERROR if told.status >= 500 else logging.INFO, "request", extra={"told": told})


def error_code(status: int, body: bytes) -> str:
    """Return the code that stands in an error's body, of any of the protocols, or nothing."""
    if status < 400:
        return ""
    try:
        said = orjson.loads(body)
    except ValueError:
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    code = (error if isinstance(error, dict) else said).get("code") if error else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
