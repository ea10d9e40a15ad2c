"""The six ports a server needs, checked before it starts: five of TorchServe's, and one for its workers' metrics."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from resay.errors import ServerError, SettingsError

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535
NUM_PORTS = 4
"""Those in a row that begins with the inference port."""


@dataclass(frozen=True, slots=True)
class ServerPorts:
    """Ports of one server; management, metrics and the workers' metrics follow the inference port."""

    inference: int
    management: int
    metrics: int
    worker_metrics: int
    grpc_inference: int
    grpc_management: int


def choose_ports(port: int, host: str = LOOPBACK) -> ServerPorts:
    """Return the ports of a server at ``port``, all of them free at this moment.

    TorchServe always opens two gRPC ports as well; the system chooses those, on loopback.

    Args:
        port: Port of the inference API; ``port + 1`` is management, ``port + 2`` TorchServe's own metrics,
            ``port + 3`` those of the workers.
        host: Address the inference API binds to. The other ports are on loopback.

    Raises:
        SettingsError: ``port`` leaves no room for the three ports after it.
        ServerError: One of the ports is taken or may not be opened.
    """
    highest = HIGHEST_PORT - NUM_PORTS + 1
    if not 1 <= port <= highest:
        raise SettingsError(f"--port must lie between 1 and {highest}; got {port}")
    for number, address, purpose in (
        (port, host, "the inference API"),
        (port + 1, LOOPBACK, "the management API"),
        (port + 2, LOOPBACK, "the metrics API"),
        (port + 3, LOOPBACK, "the workers' metrics"),
    ):
        _check_free(number, address, purpose)
    row = range(port, port + NUM_PORTS)
    return ServerPorts(*row, *_free_ports(2, taken=set(row)))


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    return host == "localhost" or host.startswith("127.")


def _check_free(port: int, host: str, purpose: str) -> None:
    with _socket() as probe:
        try:
            probe.bind((host, port))
            # On Linux a bind beside a wildcard listener can succeed and only listening fails.
            probe.listen(1)
        except OSError as error:
            raise ServerError(_port_message(port, host, purpose, error)) from error


def _port_message(port: int, host: str, purpose: str, error: OSError) -> str:
    where = f"port {port} on {host}, needed for {purpose},"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is already in use; stop what listens there, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"{where} may not be opened by this user; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no IPv4 address of this machine; choose another with --host"
    return f"{where} cannot be opened: {error.strerror or error}"


def _free_ports(num_ports: int, taken: set[int]) -> list[int]:
    """Let the system choose ports; all sockets stay open until the last is chosen."""
    ports: list[int] = []
    probes: list[socket.socket] = []
    try:
        while len(ports) < num_ports:
            probe = _socket()
            probes.append(probe)
            probe.bind((LOOPBACK, 0))
            chosen = int(probe.getsockname()[1])
            if chosen not in taken:
                ports.append(chosen)
    finally:
        for probe in probes:
            probe.close()
    return ports


def _socket() -> socket.socket:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # As Java does: a port in TIME_WAIT after a stopped server counts as free.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
