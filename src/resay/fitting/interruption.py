"""Stopping between two steps: Ctrl-C must not tear a step apart, or the checkpoint would not be exact."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TrainingInterrupted(KeyboardInterrupt):
    """Training was asked to stop, and has saved a checkpoint."""


class TrainingStop:
    """Whether a stop was asked for."""

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def stop_request() -> Iterator[TrainingStop]:
    """Turn the first Ctrl-C (or SIGTERM) into a request; the second one interrupts at once.

    Only the main thread of a program may handle signals, so that this has to be called there.
    """
    request = TrainingStop()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, frame: FrameType | None) -> None:
        if request.requested:
            raise KeyboardInterrupt
        request.requested = True
        print("\nstopping after this step; once more to stop at once", file=sys.stderr, flush=True)  # noqa: T201

    for number in former:
        signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
