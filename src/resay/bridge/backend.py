"""Asks the HTTP server, within a call's time and the bridge's limits."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from resay import __version__
from resay.bridge.call import TOLD, Call, sendable
from resay.bridge.settings import BridgeSettings
from resay.bridge.statuses import read_error
from resay.errors import RequestError
from resay.torchserve.request_headers import TIMEOUT_HEADER

MAX_CONNECT_SECONDS = 3.0
KEPT_SECONDS = 30.0
"""An idle connection is closed from this end first: the edge does it after 60 seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP reply; the names of its headers may be asked for in any spelling."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def checked(self) -> Answer:
        """Return this answer.

        Raises:
            RequestError: It is an error.
        """
        if self.status != 200:
            raise read_error(self.status, self.body)
        return self


class Backend:
    """The HTTP server behind a bridge.

    Args:
        settings: Of the bridge.
        transport: In the place of real connections.
    """

    def __init__(self, settings: BridgeSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._max_bytes = settings.max_message_bytes
        # Readiness asks for several endpoints at once.
        limits = httpx.Limits(max_connections=2 * settings.max_concurrent, keepalive_expiry=KEPT_SECONDS)
        encrypted = settings.backend.startswith("https://")
        self._http = httpx.AsyncClient(
            base_url=settings.backend,
            # Compressed, a small reply could be a large one.
            headers={"User-Agent": f"resay/{__version__}", "Accept-Encoding": "identity"},
            limits=limits,
            transport=transport,
            verify=ssl.create_default_context() if encrypted else False,
            trust_env=False,
        )

    async def ask(
        self, call: Call, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request, a GET if it has no body, and return what comes back, whatever its status.

        Raises:
            RequestError: 503 ``unavailable``, 504 ``deadline`` or 413 ``reply_too_large``.
        """
        seconds = call.seconds_left()
        sent = {**call.headers, **(headers or {}), TIMEOUT_HEADER: str(max(1, int(seconds * 1000)))}
        timeout = httpx.Timeout(seconds, connect=min(seconds, MAX_CONNECT_SECONDS))
        try:
            async with (
                asyncio.timeout(seconds),
                self._http.stream(
                    "GET" if body is None else "POST", path, content=body, headers=sent, timeout=timeout
                ) as response,
            ):
                call.told = sendable({name: response.headers.get(name, "") for name in TOLD})
                return Answer(response.status_code, response.headers, await self._read(response))
        except httpx.ConnectTimeout:
            raise unavailable() from None
        except (TimeoutError, httpx.TimeoutException):
            raise RequestError(504, "deadline", "the server did not answer in time; ask for less at once") from None
        except httpx.RequestError:
            raise unavailable() from None

    async def _read(self, response: httpx.Response) -> bytes:
        """Return the body.

        Raises:
            RequestError: 413 ``reply_too_large``.
        """
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > self._max_bytes:
                raise RequestError(
                    413,
                    "reply_too_large",
                    f"the reply has more than the {self._max_bytes} bytes that may pass; ask for less at once",
                )
        return bytes(body)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def unavailable() -> RequestError:
    """Return the error for a server that is not there."""
    return RequestError(503, "unavailable", "the server behind this one cannot be reached at the moment; try again")
