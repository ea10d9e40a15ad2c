"""fairness: one client sends 512 sentences a request without pause, another one sends single sentences.

Workers that take from one queue do not keep them apart, however many there are: TorchServe waits a millisecond after a
bulk request for others to join its batch, and a single sentence that comes then is answered with it. What does is an
edge that sends large requests to `encode_bulk`, which has a queue and a worker of its own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import orjson
from generator.figures import percentile
from traffic.texts import read_texts

from drills.asks import ACCEPT, ENCODE, FIELDS, Ask, Form, encode_asks
from drills.judging import Finding, Goal, at_least, at_most, exactly
from drills.load import Load
from drills.outcomes import Outcome, num_of
from drills.running import running_edge, running_server
from drills.settings import DrillSettings

BULK_TEXTS = 512
MOST_MS = 30.0
"""Of the single sentences' 99th percentile."""
_OVERLAP_S = 0.5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who answers whom.

    Attributes:
        endpoints: What is served.
        num_workers: Of each endpoint.
        has_edge: Whether both clients ask an edge, or the server itself.
        forms: Of the bulk's vectors, one after the other.
        goal: For the single sentences in the company of bulk requests.
    """

    endpoints: Sequence[str]
    num_workers: int = 1
    has_edge: bool = False
    forms: Sequence[Form] = ("base64",)
    goal: Goal | None = None


ARRANGEMENTS: Mapping[str, Arrangement] = MappingProxyType(
    {
        "1 worker for both": Arrangement(["encode"]),
        "2 workers for both": Arrangement(["encode"], num_workers=2),
        "1 worker for each, behind the edge": Arrangement(
            ["encode", "encode_bulk"], has_edge=True, forms=("float", "base64", "raw"), goal=at_most(MOST_MS)
        ),
    }
)


def drill(settings: DrillSettings) -> list[Finding]:
    """Let both send for the given time, in every arrangement, and for each of its forms."""
    single = encode_asks(settings.model, 1, "float")
    findings: list[Finding] = []
    # A process of its own: what the bulk client does with its megabytes must not delay the other one.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as bulk_client:
        bulk_client.submit(read_texts).result()  # it has started
        for name, arrangement in ARRANGEMENTS.items():
            with running(settings.model, arrangement) as url, Load(url) as load:
                load.closed_loop(single, settings.seconds / 2, num_users=1)
                alone = load.closed_loop(single, settings.seconds, num_users=1)
                findings += judge(f"{name}, no bulk", alone, None, None)
                for form in arrangement.forms:
                    sent = bulk_client.submit(send_bulk, url, form, settings.seconds + 2 * _OVERLAP_S)
                    load.closed_loop(single, _OVERLAP_S, num_users=1)
                    outcomes = load.closed_loop(single, settings.seconds, num_users=1)
                    findings += judge(f"{name}, bulk {form}", outcomes, sent.result(), arrangement.goal)
    return findings


@contextmanager
def running(model: Path, arrangement: Arrangement) -> Iterator[str]:
    """Start what an arrangement needs; yield the address that both clients ask."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(model, arrangement.endpoints, arrangement.num_workers))
        if arrangement.has_edge:
            yield stack.enter_context(running_edge(server, arrangement.endpoints, num_seconds=0.0)).url
        else:
            yield server.url


def bulk_ask(form: Form) -> Ask:
    """Return a request for many embeddings; what comes back is not looked into, since that would be a pause."""
    texts = read_texts()
    inputs = (texts * (BULK_TEXTS // len(texts) + 1))[:BULK_TEXTS]
    body = orjson.dumps({"inputs": inputs, **FIELDS[form]})
    return Ask(ENCODE, body, lambda reply: True, {"Accept": ACCEPT[form]})


def send_bulk(url: str, form: Form, seconds: float) -> tuple[int, int]:
    """Be the bulk client; return the number of its requests, and how many of them had status 200."""
    with Load(url) as load:
        outcomes = load.closed_loop([bulk_ask(form)], seconds, num_users=1)
    return len(outcomes), num_of(outcomes, "right")


def judge(said: str, outcomes: Sequence[Outcome], bulk: tuple[int, int] | None, goal: Goal | None) -> list[Finding]:
    """Return what the single sentences' client saw, alone or in the company of bulk requests.

    Args:
        said: Arrangement and company.
        outcomes: Of the single sentences.
        bulk: Of the bulk requests the number, and that of those with status 200.
        goal: For the 99th percentile.
    """
    milliseconds = sorted(1e3 * outcome.seconds for outcome in outcomes if outcome.kind == "right")
    findings = [
        Finding(f"{said}: single, requests", len(outcomes), "requests", at_least(1)),
        Finding(f"{said}: single, not answered rightly", len(outcomes) - len(milliseconds), "requests", exactly(0)),
        Finding(f"{said}: single, p50", percentile(milliseconds, 0.5), "ms"),
        Finding(f"{said}: single, p99", percentile(milliseconds, 0.99), "ms", goal),
    ]
    if bulk:
        num_sent, num_right = bulk
        findings += [
            Finding(f"{said}: bulk, requests", num_sent, "requests", at_least(1)),
            Finding(f"{said}: bulk, failed", num_sent - num_right, "requests", exactly(0)),
        ]
    return findings
