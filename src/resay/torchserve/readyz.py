"""Whether a worker answers as it should: what `readyz` asks."""

from __future__ import annotations

import time
from collections.abc import Callable

import orjson

from resay.engine import RawReply
from resay.engine.merging import log_fault
from resay.engine.replies import error_reply
from resay.engine.self_check import SelfCheck
from resay.errors import RequestError
from resay.torchserve.identity import Identity

FRESH_SECONDS = 1.0
"""How long an outcome is told again, so that no caller can keep a worker busy with it."""


class Readiness:
    """Runs a worker's self-check, and remembers for a second what came of it."""

    def __init__(self, identity: Identity, check: Callable[[], SelfCheck]) -> None:
        self._identity = identity
        self._check = check
        self._reply: RawReply | None = None
        self._checked_at = 0.0

    def reply(self) -> RawReply:
        """Return 200 and what was checked, or 503 ``not_ready`` and what differs."""
        now = time.monotonic()
        if self._reply is None or now - self._checked_at > FRESH_SECONDS:
            self._reply = self._ask()
            self._checked_at = now
        return self._reply

    def _ask(self) -> RawReply:
        try:
            found = self._check()
        except Exception as error:
            log_fault(error)
            return not_ready("the self-check itself failed; the fault was logged")
        if found.problems:
            return not_ready("; ".join(found.problems))
        return RawReply(
            200,
            orjson.dumps(
                {
                    "status": "ready",
                    "ready": True,  # what KServe's clients look at
                    "model": self._identity.model,
                    "model_sha": self._identity.model_sha,
                    "checked": found.num_checked,
                }
            ),
        )


def not_ready(what: str) -> RawReply:
    """Return the reply of a worker that must not be asked."""
    return error_reply(RequestError(503, "not_ready", f"this worker does not answer as its model should: {what}"))
