"""The gRPC server: limits, start, and an end that lets calls in flight be answered."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import grpc

from resay.bridge.answering import generic_handler
from resay.bridge.backend import Backend
from resay.bridge.methods import Methods
from resay.bridge.settings import BridgeSettings
from resay.errors import ServerError

MAX_METADATA_BYTES = 16 * 1024
MAX_IDLE_MS = 10 * 60 * 1000
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_bridge(settings: BridgeSettings, listening: Callable[[int], None], draining: Callable[[], None]) -> None:
    """Run a bridge until SIGINT or SIGTERM; a second one ends it without waiting for calls in flight.

    Args:
        settings: Of the bridge.
        listening: Told the port, once calls are taken.
        draining: Called when a signal has come.

    Raises:
        ServerError: The port cannot be opened.
    """
    asyncio.run(_run(settings, listening, draining))


async def _run(settings: BridgeSettings, listening: Callable[[int], None], draining: Callable[[], None]) -> None:
    signals: asyncio.Queue[None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, signals.put_nowait, None)
    backend = Backend(settings)
    try:
        server = make_server(settings, backend)
        port = open_port(server, settings)
        await server.start()
        listening(port)
        await signals.get()
        draining()
        stopped = asyncio.create_task(server.stop(settings.grace_seconds))
        again = asyncio.create_task(signals.get())
        await asyncio.wait({stopped, again}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            await server.stop(0)
        again.cancel()
        await stopped
    finally:
        await backend.close()


def make_server(settings: BridgeSettings, backend: Backend) -> grpc.aio.Server:
    """Return a server that is not started and has no port yet."""
    methods = Methods(backend, settings.routes).table()
    return grpc.aio.server(
        handlers=[generic_handler(methods, settings.timeout_seconds)],
        options=[
            ("grpc.max_receive_message_length", settings.max_message_bytes),
            ("grpc.max_send_message_length", -1),  # what the backend says is measured when it is read
            ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.max_connection_idle_ms", MAX_IDLE_MS),
            ("grpc.so_reuseport", 0),  # a port that is taken is an error
        ],
        maximum_concurrent_rpcs=settings.max_concurrent,
    )


def open_port(server: grpc.aio.Server, settings: BridgeSettings) -> int:
    """Open the port, and return it.

    Raises:
        ServerError: It is taken, or may not be opened.
    """
    try:
        port: int = server.add_insecure_port(settings.address)
    except RuntimeError as error:
        raise ServerError(
            f"{settings.address} cannot be opened; stop what listens there, or choose another --host and --port"
        ) from error
    return port
