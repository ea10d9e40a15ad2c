"""What can go wrong between a client and a server.

ResayError
└── ClientError
    ├── RequestRefused     the server refused a request, with status, code and message (a RequestError as well)
    ├── ItemsFailedError   some of the inputs have no answer, each for its own reason
    ├── DeadlineError      no answer in time (a TimeoutError as well)
    ├── UnreachableError   no connection, or it broke (a ConnectionError as well)
    └── ReplyError         an answer that is none of this API
"""

from __future__ import annotations

from collections.abc import Sequence

from numpy import ndarray

from resay.client.results import Failure
from resay.errors import RequestError, ResayError

MAX_SHOWN = 10


class ClientError(ResayError):
    """Base of what a client raises, but for arguments that are not allowed (`SettingsError`)."""


class RequestRefused(ClientError, RequestError):  # noqa: N818 (beside RequestError, "RequestRefusedError" tells no more)
    """The server refused a request.

    Attributes:
        status: HTTP status.
        code: The server's name for the reason, such as ``unknown_field``; of TorchServe's own refusals its ``type``.
        message: The server's own words.
        path: Where in the request the problem is; empty for the whole body.
        request_id: What the server's log calls the request; empty if it did not say.
    """

    def __init__(
        self, status: int, code: str, message: str, path: str = "", *, request_id: str = "", advice: str = ""
    ) -> None:
        place = f" at {path}" if path else ""
        RequestError.__init__(
            self, status, code, f"refused with status {status} ({code}{place}): {message}{advice}", path
        )
        self.message = message
        self.request_id = request_id


class ItemsFailedError(ClientError, ValueError):
    """Some inputs have no answer; the others have.

    Attributes:
        failures: In the order of the inputs.
        results: What the call would have returned, with a `Failure` (in an array: a row of NaN) in each failed place.
    """

    def __init__(self, failures: Sequence[Failure], results: Sequence[object] | ndarray, num_inputs: int) -> None:
        shown = "; ".join(f"inputs[{each.index}] {each.code}: {each.message}" for each in failures[:MAX_SHOWN])
        more = f"; and {len(failures) - MAX_SHOWN} more" if len(failures) > MAX_SHOWN else ""
        super().__init__(
            f"{len(failures)} of {num_inputs} inputs have no answer: {shown}{more}. Mend them or leave them out; the"
            " answers to the others are in this error's results"
        )
        self.failures = tuple(failures)
        self.results = results


class DeadlineError(ClientError, TimeoutError):
    """No answer came in time."""


class UnreachableError(ClientError, ConnectionError):
    """No connection could be made, or it broke before the answer was there."""


class ReplyError(ClientError):
    """An answer that is none of this API: another server, a proxy, or another version."""
