"""A worker's socket read in large pieces: TorchServe's worker makes two system calls for each field of each header."""

from __future__ import annotations

import socket
import sys
from types import ModuleType
from typing import Any

PROTOCOL = "ts.protocol.otf_message_handler"
"""TorchServe's module that reads requests; a worker has loaded it long before it loads a handler."""
READER = "_retrieve_buffer"
PIECE_BYTES = 256 * 1024


class BufferedReads:
    """Takes the place of the protocol's reader of so many bytes; what was read too much waits for the next call.

    A worker has one connection at a time: when another one comes, the last one's rest is dropped.
    """

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._rest = b""
        self._place = 0

    def __call__(self, connection: socket.socket, length: int) -> bytes:
        """Return the next bytes of a connection.

        Raises:
            SystemExit: The front end has closed it, as the original does.
        """
        if connection is not self._connection:
            self._connection, self._rest, self._place = connection, b"", 0
        end = self._place + length
        if end > len(self._rest):
            self._read(connection, length)
            end = length
        data = self._rest[self._place : end]
        self._place = end
        return data

    def _read(self, connection: socket.socket, length: int) -> None:
        pieces = [self._rest[self._place :]]
        missing = length - len(pieces[0])
        while missing > 0:
            piece = connection.recv(max(PIECE_BYTES, missing))
            if not piece:
                sys.exit(0)
            pieces.append(piece)
            missing -= len(piece)
        self._rest, self._place = b"".join(pieces), 0


def buffer_reads(modules: dict[str, ModuleType]) -> bool:
    """Have a worker read in large pieces from its next message on.

    Args:
        modules: `sys.modules` of the worker.

    Returns:
        Whether it does: not outside a worker, nor with a TorchServe that reads in another way.
    """
    protocol: Any = modules.get(PROTOCOL)
    if protocol is None or not hasattr(protocol, READER):
        return False
    setattr(protocol, READER, BufferedReads())
    return True
