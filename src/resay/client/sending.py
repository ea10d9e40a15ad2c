"""Sends calls with httpx, blocking or not. Imported when a client is made: httpx is an extra."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Mapping
from typing import Any

import httpx

from resay import __version__
from resay.client.actions import BreakKind, Broken, Reply, Send
from resay.client.clock import Clock
from resay.client.errors import ClientError
from resay.client.settings import ClientSettings
from resay.errors import SettingsError

MAX_CONNECT_SECONDS = 5.0
TOO_SLOW = "the reply was not there in time"
CLOSED = "this client is closed; make another one"

KINDS: Mapping[type[httpx.RequestError], BreakKind] = {
    httpx.ConnectTimeout: "connection",
    httpx.TimeoutException: "timeout",
    httpx.TransportError: "connection",
    httpx.RequestError: "reply",
}
"""What went wrong, the narrower classes first."""


class Sender:
    """Sends calls and waits for each reply; several threads may share one."""

    def __init__(
        self,
        settings: ClientSettings,
        clock: Clock,
        transport: object = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        if not (transport is None or isinstance(transport, httpx.BaseTransport)):
            raise SettingsError(f"transport must be an httpx.BaseTransport; got {type(transport).__name__}")
        self._clock = clock
        self._http = httpx.Client(transport=transport, **shared_arguments(settings, ssl_context))
        self._lock = threading.Lock()
        self._num_under_way = 0
        self._closed = False

    def send(self, action: Send) -> Reply | Broken:
        """Send a call, and return what comes back, or what prevented it.

        Raises:
            ClientError: The sender is closed.
        """
        with self._lock:
            if self._closed:
                raise ClientError(CLOSED)
            self._num_under_way += 1
        try:
            return self._send(action)
        finally:
            with self._lock:
                self._num_under_way -= 1
            self._close_unless_used()

    def close(self) -> None:
        """Take no more calls, and close the connections: now, or after the last call that is under way."""
        with self._lock:
            self._closed = True
        self._close_unless_used()

    def _close_unless_used(self) -> None:
        # httpx would take connections from under the threads that use them, and forget those that are being made.
        with self._lock:
            unused = self._closed and not self._num_under_way
        if unused:
            self._http.close()

    def _send(self, action: Send) -> Reply | Broken:
        call, deadline = action.call, self._clock.now() + action.seconds
        try:
            with self._http.stream(
                call.method, call.url, content=call.body, headers=action.headers, timeout=timeouts(action.seconds)
            ) as response:
                parts = []
                for part in response.iter_bytes():
                    parts.append(part)
                    if self._clock.now() > deadline:  # httpx itself only limits the wait for each part
                        return Broken("timeout", TimeoutError(TOO_SLOW))
                return reply_of(response, b"".join(parts))
        except httpx.RequestError as error:
            return broken(error)


class AsyncSender:
    """The same for tasks of one event loop."""

    def __init__(
        self, settings: ClientSettings, transport: object = None, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        if not (transport is None or isinstance(transport, httpx.AsyncBaseTransport)):
            raise SettingsError(f"transport must be an httpx.AsyncBaseTransport; got {type(transport).__name__}")
        self._http = httpx.AsyncClient(transport=transport, **shared_arguments(settings, ssl_context))

    async def send(self, action: Send) -> Reply | Broken:
        """Send a call, and return what comes back, or what prevented it.

        Raises:
            ClientError: The sender is closed.
        """
        if self._http.is_closed:
            raise ClientError(CLOSED)
        call = action.call
        try:
            async with asyncio.timeout(action.seconds):
                response = await self._http.request(
                    call.method, call.url, content=call.body, headers=action.headers, timeout=timeouts(action.seconds)
                )
                return reply_of(response, response.content)
        except TimeoutError:
            return Broken("timeout", TimeoutError(TOO_SLOW))
        except httpx.RequestError as error:
            return broken(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def shared_arguments(settings: ClientSettings, ssl_context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return what both of httpx's clients are made with."""
    headers = {"User-Agent": f"resay/{__version__}"}
    if settings.api_key is not None:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    limits = httpx.Limits(max_connections=settings.max_connections, max_keepalive_connections=settings.max_connections)
    # A proxy that the environment names cannot reach this machine under its name for itself.
    mounts = dict.fromkeys(("http://", "https://")) if settings.is_loopback else None
    # Without TLS there is nothing to verify, and loading the world's certificates takes longer than a request.
    verify = ssl_context or settings.is_encrypted
    return {"headers": headers, "limits": limits, "mounts": mounts, "verify": verify}


def timeouts(seconds: float) -> httpx.Timeout:
    """Return httpx's limits: a server that is there takes a connection at once, or never."""
    return httpx.Timeout(seconds, connect=min(seconds, MAX_CONNECT_SECONDS))


def reply_of(response: httpx.Response, body: bytes) -> Reply:
    """Return a response as a reply."""
    return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def broken(error: httpx.RequestError) -> Broken:
    """Return what an error of httpx means."""
    return Broken(next(kind for kind_of, kind in KINDS.items() if isinstance(error, kind_of)), error)
