"""What a batch of requests costs: seconds by stage, and counts, for whoever wants to know."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["parse", "tokenize", "compute", "serialize"]


@dataclass(slots=True)
class Work:
    """What was done while it was observed.

    Attributes:
        seconds: By stage; `parse` is from bytes to checked fields, `compute` the graphs' calls and the search.
        counts: How many requests, texts, tokens, padded_tokens and candidates, those filtered, by reason, and items
            failed, by code.
    """

    seconds: Counter[Stage] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


_OBSERVED: ContextVar[Work | None] = ContextVar("observed work", default=None)


@contextmanager
def observed_work() -> Iterator[Work]:
    """Record what this thread does in the block."""
    work = Work()
    token = _OBSERVED.set(work)
    try:
        yield work
    finally:
        _OBSERVED.reset(token)


@contextmanager
def timed(stage: Stage) -> Iterator[None]:
    """Add the block's seconds to a stage."""
    work = _OBSERVED.get()
    if work is None:
        yield
        return
    start = time.perf_counter()
    try:
        yield
    finally:
        work.seconds[stage] += time.perf_counter() - start  # type: ignore[assignment]


def count(name: str, number: int = 1) -> None:
    """Add to a count."""
    work = _OBSERVED.get()
    if work is not None:
        work.counts[name] += number
