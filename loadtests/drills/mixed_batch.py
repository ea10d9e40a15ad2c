"""mixed-batch: 32 requests at once, one of them bad; over HTTP, and as one batch in a handler's hands."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from traffic.texts import read_texts

from drills.asks import ENCODE, Ask, embeddings_of, encode_ask, encode_asks
from drills.handler_batch import handed_over, open_worker
from drills.judging import Finding, at_least, exactly
from drills.load import Load
from drills.running import running_server
from drills.settings import DrillSettings
from resay.torchserve.worker import Worker

BATCH = 32
GOOD = BATCH - 1
WANTED = Counter({"200": GOOD, "422": 1})
BAD: Mapping[str, bytes] = {
    "a wrong type": b'{"inputs": 5}',
    "an unknown field": b'{"inputs": "the food was good", "normalise": true}',
    "too long a text": b'{"inputs": "' + b"x" * 20_001 + b'"}',
}
"""What each has to be answered with status 422."""
_LARGE = 256
_HEAD_START_S = 0.005


def drill(settings: DrillSettings) -> list[Finding]:
    """Put a bad request of each kind among good ones, again and again; then into a handler's batch."""
    texts = read_texts()[:GOOD]
    expected = embeddings_of(settings.model, texts)
    good = [encode_ask([text], expected[[row]]) for row, text in enumerate(texts)]
    large = encode_asks(settings.model, _LARGE)[0]
    findings: list[Finding] = []
    with running_server(settings.model, ["encode"]) as server, Load(server.url) as load:
        for name, body in BAD.items():
            findings += judge(f"HTTP, {name}", _rounds(load, large, mixed(good, body), settings.seconds / len(BAD)))
    worker = open_worker(settings.model)
    for name, body in BAD.items():
        findings += judge(f"handler, {name}", [_batch(worker, mixed(good, body))])
    return findings


def mixed(good: Sequence[Ask], bad_body: bytes) -> list[Ask]:
    """Return the good requests with a bad one in their midst."""
    middle = len(good) // 2
    return [*good[:middle], Ask(ENCODE, bad_body, lambda reply: False), *good[middle:]]


def _rounds(load: Load, large: Ask, asks: Sequence[Ask], seconds: float) -> list[Counter[str]]:
    """Send all requests at once, again and again; return the verdicts of each round."""
    rounds: list[Counter[str]] = []
    end = time.monotonic() + seconds
    while not rounds or time.monotonic() < end:
        # While the worker has the large one in hand, the others gather in the queue, and reach it together.
        outcomes = load.at_once([large, *asks], [0.0] + [_HEAD_START_S] * len(asks))
        rounds.append(Counter(verdict(outcome.status, outcome.kind == "right") for outcome in outcomes[1:]))
    return rounds


def _batch(worker: Worker, asks: Sequence[Ask]) -> Counter[str]:
    """Hand all requests over as one batch; return the verdicts."""
    replies = handed_over(worker, asks)
    return Counter(verdict(reply.status, ask.is_right(reply)) for ask, reply in zip(asks, replies, strict=True))


def verdict(status: int, right: bool) -> str:
    """Return the status, as "200" only if the content is right too."""
    return "wrong" if status == 200 and not right else str(status)


def judge(name: str, rounds: Sequence[Counter[str]]) -> list[Finding]:
    """Return how many rounds there were, and how many of them as they ought to be."""
    as_wanted = sum(verdicts == WANTED for verdicts in rounds)
    return [
        Finding(f"{name}: rounds", len(rounds), "rounds", at_least(1)),
        Finding(f"{name}: with {GOOD} right replies and one 422", as_wanted, "rounds", exactly(len(rounds))),
    ]
