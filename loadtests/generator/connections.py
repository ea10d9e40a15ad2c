"""HTTP/1.1 over many sockets in one thread, with as little work a request as Python allows.

A generator beside the server takes its cores from it. This one needs less than a tenth of what Locust does, and so can
offer as much as the server takes, on the same machine. It speaks plain HTTP, and wants a Content-Length in every
reply.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from resay.errors import SettingsError

_BUFFER_BYTES = 1 << 18
_READ = select.EPOLLIN
_READ_AND_WRITE = select.EPOLLIN | select.EPOLLOUT
_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request.

    Attributes:
        ticket: What `send` returned for it.
        moment: When its last byte was there, in the seconds of the clock.
        failure: Why there is no reply; empty if there is one.
        status: HTTP status.
        head: Status line and headers, in lower case.
        body: Of the reply.
    """

    ticket: int
    moment: float
    failure: str = ""
    status: int = 0
    head: bytes = b""
    body: bytes = b""


class Transport(Protocol):
    """What carries requests."""

    def send(self, request: bytes) -> int:
        """Send a request; return a ticket by which its answer is known."""

    def poll(self, timeout_s: float) -> list[Answer]:
        """Return the answers that are there, waiting for the first if there is none."""

    def cancel(self, ticket: int) -> None:
        """Wait no longer for an answer."""


@dataclass(slots=True, eq=False)
class _Connection:
    socket: socket.socket
    ticket: int = 0  # of the request under way; 0 if there is none
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    num_expected: int = 0  # bytes of the whole reply; 0 while its head is not complete


class Connections:
    """Kept open and used again; a new one is opened when none is free."""

    def __init__(self, url: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._address = address_of(url)
        self._clock = clock
        self._epoll = select.epoll()
        self._connections: dict[int, _Connection] = {}  # by descriptor
        self._carriers: dict[int, _Connection] = {}  # by ticket
        self._free: list[_Connection] = []
        self._failed: list[Answer] = []
        self._num_sent = 0
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))

    def send(self, request: bytes) -> int:
        """Send a request; whatever fails is told by `poll`."""
        connection = self._free.pop() if self._free else self._open()
        self._num_sent += 1
        ticket = connection.ticket = self._num_sent
        self._carriers[ticket] = connection
        try:
            num_bytes = connection.socket.send(request)
        except BlockingIOError:
            num_bytes = 0
        except OSError as error:
            self._failed.append(self._failure(connection, error))
            return ticket
        if num_bytes < len(request):
            connection.unsent = memoryview(request)[num_bytes:]
            self._epoll.modify(connection.socket, _READ_AND_WRITE)
        return ticket

    def poll(self, timeout_s: float) -> list[Answer]:
        """Return the answers that are there, waiting so many seconds for the first."""
        if timeout_s > 0 and not self._failed:
            # epoll itself would round the time up to whole milliseconds, and send everything late.
            select.select([self._epoll], [], [], min(timeout_s, _LONGEST_WAIT_S))
        events = self._epoll.poll(0)
        moment = self._clock()
        answers, self._failed = self._failed, []
        for descriptor, event in events:
            connection = self._connections[descriptor]
            try:
                if event & select.EPOLLOUT:
                    self._send_rest(connection)
                if event & ~select.EPOLLOUT:
                    answer = self._receive(connection, moment)
                    if answer is not None:
                        answers.append(answer)
            except OSError as error:
                if connection.ticket:
                    answers.append(self._failure(connection, error))
                else:
                    self._drop(connection)
        return answers

    def cancel(self, ticket: int) -> None:
        """Close the connection that carries a request."""
        self._drop(self._carriers[ticket])

    def close(self) -> None:
        """Close everything."""
        for connection in list(self._connections.values()):
            self._drop(connection)
        self._epoll.close()

    def _open(self) -> _Connection:
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect_ex(self._address)  # a refusal comes as an event
        connection = self._connections[opened.fileno()] = _Connection(opened)
        self._epoll.register(opened, _READ)
        return connection

    def _send_rest(self, connection: _Connection) -> None:
        connection.unsent = connection.unsent[connection.socket.send(connection.unsent) :]
        if not connection.unsent:
            self._epoll.modify(connection.socket, _READ)

    def _receive(self, connection: _Connection, moment: float) -> Answer | None:
        num_bytes = connection.socket.recv_into(self._buffer)
        if not connection.ticket or not num_bytes:
            raise ConnectionError("connection closed")
        received = connection.received
        received += self._buffer[:num_bytes]
        if not connection.num_expected:
            connection.num_expected = reply_size(received)
        if not connection.num_expected or len(received) < connection.num_expected:
            return None
        return self._complete(connection, moment)

    def _complete(self, connection: _Connection, moment: float) -> Answer:
        head, _, body = bytes(connection.received[: connection.num_expected]).partition(b"\r\n\r\n")
        head = head.lower()
        answer = Answer(connection.ticket, moment, "", int(head[9:12]), head, body)
        if b"connection: close" in head or head.startswith(b"http/1.0"):
            self._drop(connection)
        else:
            del self._carriers[connection.ticket]
            connection.ticket = connection.num_expected = 0
            connection.received.clear()
            self._free.append(connection)
        return answer

    def _failure(self, connection: _Connection, error: OSError) -> Answer:
        self._drop(connection)
        return Answer(connection.ticket, self._clock(), (error.strerror or str(error)).lower())

    def _drop(self, connection: _Connection) -> None:
        if connection.ticket:
            del self._carriers[connection.ticket]
        else:
            self._free.remove(connection)
        del self._connections[connection.socket.fileno()]
        connection.socket.close()  # which ends its events too


def address_of(url: str) -> tuple[str, int]:
    """Return where to connect.

    Raises:
        SettingsError: The URL is not one of plain HTTP, or its host is unknown.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise SettingsError(
            f"--host must look like http://127.0.0.1:8080; got {url!r}. This generator speaks plain HTTP; "
            "what stands behind TLS can be asked by locust"
        )
    try:
        return socket.gethostbyname(parts.hostname), parts.port or 80
    except OSError as error:
        raise SettingsError(f"--host {url}: {error}; name a host that is known here") from error


def reply_size(received: bytearray) -> int:
    """Return the bytes of a whole reply, head and body; 0 if its head is not complete yet.

    Raises:
        ConnectionError: The reply does not tell its length.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    _, found, rest = bytes(received[:end]).lower().partition(b"\r\ncontent-length:")
    if not found:
        raise ConnectionError("reply without content-length")
    return end + 4 + int(rest.partition(b"\r\n")[0])
