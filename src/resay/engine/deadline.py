"""The moment by which a batch of requests is answered with what there is."""

import time

from resay.errors import RequestError


def deadline_after(seconds: float) -> float:
    """Return the moment so many seconds from now, as `time.monotonic` gives it."""
    return time.monotonic() + seconds


def is_over(deadline: float) -> bool:
    """Return whether a moment, in seconds of `time.monotonic`, is past."""
    return deadline <= time.monotonic()


def deadline_error() -> RequestError:
    """Return the error for a text that the time did not suffice for."""
    return RequestError(
        504,
        "deadline",
        "the time was over before this text was done: that of X-Request-Timeout-Ms, or that which the server gives to"
        " requests that came together; ask again, with fewer texts, candidates or beams",
    )
