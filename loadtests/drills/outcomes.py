"""What became of each request, by name and by count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import orjson
from traffic.content import Reply

from drills.asks import Ask

Kind = Literal["right", "wrong", "refused", "client error", "server error", "unclean error", "no reply"]
"""Status 200 with the right content, or with any other; the server is full; another 4xx; another 5xx that says what it
is; one that does not; a connection that failed, or a time that ran out."""
FAILED: tuple[Kind, ...] = ("server error", "unclean error", "no reply")
NOT_RIGHT: tuple[Kind, ...] = ("wrong", "refused", "client error", *FAILED)
FULL = ("ServiceUnavailableException", "overloaded")
"""What TorchServe calls it, and what we do."""
_MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request of a load; moments in the seconds of `time.monotonic`.

    Attributes:
        due: When it was to be sent.
        sent: When it was; infinity if it was not.
        ended: When its reply was complete, or given up.
        kind: What that amounts to.
        status: Of the reply; 0 if there is none.
        told: Of a failure, what the client was told: the status and the beginning of the body, or what befell the
            connection.
    """

    due: float
    sent: float
    ended: float
    kind: Kind
    status: int = 0
    told: str = ""

    @property
    def seconds(self) -> float:
        """From sending to the reply's last byte."""
        return self.ended - self.sent


def kind_of(ask: Ask, reply: Reply) -> Kind:
    """Say what a reply amounts to."""
    if reply.status == 200:
        return "right" if ask.is_right(reply) else "wrong"
    if is_refusal(reply):
        return "refused"
    if reply.status < 500:
        return "client error"
    return "server error" if error_name(reply) else "unclean error"


def is_refusal(reply: Reply) -> bool:
    """Whether a reply says that the server has too much to do: the edge's 429, or TorchServe's own 503."""
    return reply.status == 429 or (reply.status == 503 and error_name(reply) in FULL)


def error_name(reply: Reply) -> str:
    """Return our own error's code, or the type that TorchServe gives; empty if the body says nothing."""
    try:
        body = orjson.loads(reply.body)
        return str(body["error"]["code"] if "error" in body else body["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def num_of(outcomes: Iterable[Outcome], *kinds: Kind) -> int:
    """Return the number of outcomes of some kinds."""
    return sum(outcome.kind in kinds for outcome in outcomes)


def tell(outcomes: Iterable[Outcome], *kinds: Kind) -> str:
    """Return what requests of some kinds were told, with counts, the commonest ones, for reading."""
    told = Counter(outcome.told for outcome in outcomes if outcome.kind in kinds)
    return "; ".join(f"{number} times {text}" for text, number in told.most_common(_MOST_TOLD)) or "nothing went wrong"


def right_rate(outcomes: Iterable[Outcome], start: float, end: float) -> float:
    """Return the right replies a second between two moments."""
    return sum(outcome.kind == "right" and start <= outcome.ended <= end for outcome in outcomes) / (end - start)
