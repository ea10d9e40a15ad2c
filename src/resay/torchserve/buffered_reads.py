"""A worker's socket read in large pieces: TorchServe's worker makes two system calls for each field of each header."""

from __future__ import annotations

import socket
import sys
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

PROTOCOL = "ts.protocol.otf_message_handler"
"""TorchServe's module that reads requests; a worker has loaded it long before it loads a handler."""
READER = "_retrieve_buffer"
PIECE_BYTES = 256 * 1024


class BufferedReads:
    """Takes the place of the protocol's reader of so many bytes; what was read too much waits for the next call."""

    def __init__(self) -> None:
        self._rest: WeakKeyDictionary[socket.socket, bytearray] = WeakKeyDictionary()

    def __call__(self, connection: socket.socket, length: int) -> bytearray:
        """Return the next bytes of a connection.

        Raises:
            SystemExit: The front end has closed it, as the original does.
        """
        rest = self._rest.setdefault(connection, bytearray())
        while len(rest) < length:
            piece = connection.recv(max(PIECE_BYTES, length - len(rest)))
            if not piece:
                sys.exit(0)
            rest += piece
        data = rest[:length]
        del rest[:length]
        return data


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
