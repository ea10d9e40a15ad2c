"""One request with its retries, as steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import count

from resay.client.actions import Broken, Call, Reply, Send, Sleep, Steps
from resay.client.clock import Clock
from resay.client.errors import DeadlineError
from resay.client.refusals import error_of, is_retried
from resay.client.settings import ClientSettings

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """How requests are made to one server."""

    settings: ClientSettings
    clock: Clock

    def ask(self, call: Call, max_retries: int | None = None) -> Steps[Reply]:
        """Send a call until it is answered with status 200.

        Every request may be sent twice: none changes anything on the server. Time counts from the first step.

        Raises:
            RequestRefused: The server refused, or was still overloaded after the last try.
            DeadlineError: No answer within `timeout_seconds`, all tries together.
            UnreachableError: No connection after the last try.
            ReplyError: The reply cannot be read.
        """
        max_retries = self.settings.max_retries if max_retries is None else max_retries
        start = self.clock.now()
        deadline = start + self.settings.timeout_seconds
        for num_tries in count(1):
            left = deadline - self.clock.now()
            if left <= 0:  # a sleep took longer than it was told
                raise DeadlineError(f"{call.url} was to answer within {self.settings.timeout_seconds:g} s")
            outcome = yield Send(call, left)
            assert outcome is not None, "a sender answers a Send"
            if isinstance(outcome, Reply) and outcome.status == HTTPStatus.OK:
                return outcome
            wait = self._wait(outcome, num_tries)
            now = self.clock.now()
            if not is_retried(outcome) or num_tries > max_retries or now + wait >= deadline:
                tries = f"({num_tries} {'try' if num_tries == 1 else 'tries'}, {now - start:.1f} s)"
                raise error_of(call, outcome, tries) from (outcome.error if isinstance(outcome, Broken) else None)
            yield Sleep(wait)
        raise AssertionError("count() has no end")

    def _wait(self, outcome: Reply | Broken, num_tries: int) -> float:
        """Return the seconds before the next try: what the server says, and full jitter under an exponential bound."""
        bound = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(num_tries - 1, 30))
        told = outcome.headers.get("retry-after") if isinstance(outcome, Reply) else None
        return retry_after_seconds(told, self.clock.wall()) + self.clock.jitter(bound)


def retry_after_seconds(value: str | None, wall_seconds: float) -> float:
    """Return how long a ``Retry-After`` header says to wait: seconds, or a date; 0 for anything else.

    Args:
        value: The header's value, if there is one.
        wall_seconds: Seconds since 1970.
    """
    if value is None:
        return 0.0
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - wall_seconds)
