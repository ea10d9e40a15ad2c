"""The same through the server: CPU seconds of its processes while a number of connections keep it busy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

from generator.connections import Connections
from generator.processes import ServerProcesses

from resay.errors import ServerError
from share.cases import Case

PATH = "/predictions/encode"
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """What some seconds of asking came to.

    Attributes:
        frontend_us: CPU microseconds of the front end, a sentence.
        workers_us: Of the workers.
        sentences_per_s: On the wall's clock.
        latencies_ms: Of requests, ascending.
    """

    frontend_us: float
    workers_us: float
    sentences_per_s: float
    latencies_ms: tuple[float, ...]


def requests_of(url: str, case: Case, texts: Sequence[str]) -> list[bytes]:
    """Return requests that hold each text once."""
    requests = []
    for first in range(0, len(texts) - case.num_texts + 1, case.num_texts):
        body = case.body(texts[first : first + case.num_texts])
        lines = {"Host": urlsplit(url).netloc, "Content-Length": str(len(body)), **case.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        requests.append(f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return requests


def ask(url: str, case: Case, requests: Sequence[bytes], processes: ServerProcesses, seconds: float) -> Served:
    """Keep all connections of a case busy.

    Raises:
        ServerError: A request failed, or no answer came.
    """
    connections = Connections(url)
    source = cycle(requests)
    sent: dict[int, float] = {}
    latencies: list[float] = []
    before = processes.now()
    end = time.perf_counter() + seconds
    last = time.perf_counter()
    try:
        while sent or time.perf_counter() < end:
            while len(sent) < case.num_connections and time.perf_counter() < end:
                sent[connections.send(next(source))] = time.perf_counter()
            for answer in connections.poll(1.0):
                if answer.failure or answer.status != 200:
                    raise ServerError(f"a request failed: {answer.failure or answer.status} {answer.body[:200]!r}")
                last = answer.moment
                latencies.append(1e3 * (answer.moment - sent.pop(answer.ticket)))
            if time.perf_counter() - last > LONGEST_WAIT_S:
                raise ServerError(f"no answer within {LONGEST_WAIT_S:g} s")
    finally:
        connections.close()
    used = processes.now().since(before)
    num_sentences = len(latencies) * case.num_texts
    return Served(
        1e6 * used.frontend / num_sentences,
        1e6 * used.workers / num_sentences,
        num_sentences / used.wall,
        tuple(sorted(latencies)),
    )
