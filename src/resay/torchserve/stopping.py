"""Ctrl-C and its relatives as a flag, so that no moment of a start is unsafe to interrupt."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ServerStop:
    """Set by the first Ctrl-C, SIGTERM or SIGHUP; every further one calls ``on_repeat``.

    A handler that raised instead could strike between the birth of the server process and the moment
    we hold it, and leave the server behind.
    """

    def __init__(self) -> None:
        self.requested = False
        self.on_repeat: Callable[[], None] = lambda: None

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self.requested

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; has the form of a handler for ``signal.signal``."""
        if self.requested:
            self.on_repeat()
        self.requested = True


@contextmanager
def stop_signals() -> Iterator[ServerStop]:
    """Turn the stop signals into a :class:`ServerStop` for the time of the block."""
    request = ServerStop()
    # nohup has SIGHUP ignored, and means it.
    heard = [number for number in _SIGNALS if not _is_ignored_hang_up(number)]
    previous = {number: signal.signal(number, request.receive) for number in heard}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _is_ignored_hang_up(number: signal.Signals) -> bool:
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
