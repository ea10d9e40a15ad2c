"""Makes senders, and says what is missing if they cannot be made."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from resay.client.actions import Broken, Reply, Send
from resay.client.clock import Clock
from resay.client.settings import ClientSettings
from resay.errors import MissingExtraError


@runtime_checkable
class BlockingSender(Protocol):
    """What a `Client` needs."""

    def send(self, action: Send) -> Reply | Broken:
        """Send a call, and return what comes back, or what prevented it."""

    def close(self) -> None:
        """Close the connections."""


@runtime_checkable
class AwaitedSender(Protocol):
    """What an `AsyncClient` needs."""

    async def send(self, action: Send) -> Reply | Broken:
        """Send a call, and return what comes back, or what prevented it."""

    async def close(self) -> None:
        """Close the connections."""


@contextmanager
def needing_httpx() -> Iterator[None]:
    """Turn a missing httpx into an error that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "httpx":
            raise
        raise MissingExtraError(
            "the client needs httpx, not installed here; run: pip install '.[client]' in resay's folder"
        ) from error


def open_sender(
    settings: ClientSettings, clock: Clock, transport: object, ssl_context: ssl.SSLContext | None
) -> BlockingSender:
    """Return a sender for threads.

    Raises:
        MissingExtraError: httpx is not installed.
    """
    with needing_httpx():
        from resay.client.sending import Sender
    return Sender(settings, clock, transport, ssl_context)


def open_async_sender(settings: ClientSettings, transport: object, ssl_context: ssl.SSLContext | None) -> AwaitedSender:
    """Return a sender for tasks.

    Raises:
        MissingExtraError: httpx is not installed.
    """
    with needing_httpx():
        from resay.client.sending import AsyncSender
    return AsyncSender(settings, transport, ssl_context)
