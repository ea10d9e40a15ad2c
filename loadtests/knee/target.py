"""The server under load, as one class of users sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from generator.calls import draw_calls, make_call
from generator.connections import Connections
from generator.offering import Outcome
from generator.processes import ServerProcesses, find_processes
from generator.stand import Stand, Step, headers_of
from traffic.kinds import KINDS, USERS

from knee.rows import Context
from resay.errors import ServerError

_WARM_UP_USERS = 16
_ENDPOINT_KINDS = {"encode": "interactive"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A server, and how to ask it.

    Attributes:
        url: Of the inference API, plain HTTP.
        management_url: Where the processes are found.
        headers: Further headers of each request.
        texts: What to ask about.
        limits_ms: Latency limit of each kind.
        hardware: Of this machine.
        commit: Of this checkout; empty if nothing is written.
        most_in_flight: See `Stand`.
        seed: Decides what is asked.
    """

    url: str
    management_url: str
    headers: Mapping[str, str]
    texts: Sequence[str]
    limits_ms: Mapping[str, float]
    hardware: str
    commit: str
    most_in_flight: int | None = None
    seed: int = 0

    @contextmanager
    def stand(self, users: str, warm_up_s: float) -> Iterator[tuple[Stand, Context]]:
        """Ask for each text once, warm the server up, and give a stand for this class of users.

        Raises:
            ServerError: The server does not answer, or wrongly.
        """
        processes = find_processes(self.management_url, {})
        connections = Connections(self.url)
        try:
            stand = Stand(
                draw_calls(self.url, USERS[users], self.texts, self.headers, self.seed),
                self.limits_ms,
                connections,
                time.perf_counter,
                processes.now,
                most_in_flight=self.most_in_flight,
            )
            outcomes = self._ask_each(stand, users)
            if warm_up_s:
                stand.measure(Step(mode="closed", load=_WARM_UP_USERS, seconds=warm_up_s, warm_up_s=0.0))
            yield stand, self._context(outcomes[0])
        finally:
            connections.close()

    def sees_processes(self) -> bool:
        """Whether the server's processes can be found."""
        return find_processes(self.management_url, {}) != ServerProcesses()

    def _ask_each(self, stand: Stand, users: str) -> list[Outcome]:
        """Return what became of one request for each text and endpoint, alone in its batch."""
        names = dict.fromkeys(_ENDPOINT_KINDS.get(KINDS[name].endpoint, name) for name in USERS[users])
        calls = [make_call(self.url, name, [text], self.headers) for name in names for text in self.texts]
        outcomes = stand.ask_each(calls[:1]) + stand.ask_each(calls[1:])
        failed = next((outcome for outcome in outcomes if outcome.failure), None)
        if failed is not None:
            raise ServerError(
                f"{self.url}{KINDS[failed.call.kind].path} answered {failed.call.texts[0]!r} with: {failed.failure}; "
                "start a server with this endpoint, or give texts that it knows with --texts"
            )
        return outcomes

    def _context(self, outcome: Outcome) -> Context:
        assert outcome.answer is not None
        model = str(orjson.loads(outcome.answer.body)["model"])
        return Context(model, headers_of(outcome.answer).get("x-model-sha", ""), self.commit, self.hardware)


def default_management_url(url: str) -> str:
    """Return where TorchServe's management API is, as serving/start.py starts it."""
    parts = urlsplit(url)
    return f"http://{parts.hostname}:{(parts.port or 80) + 1}"
