import socket
from collections.abc import Iterator

import pytest

from resay.errors import ServerError, SettingsError
from resay.torchserve.ports import LOOPBACK, choose_ports


def free_run_of_four() -> int:
    """A port that is free together with the three after it."""
    for port in range(23000, 30000, 10):
        try:
            choose_ports(port)
        except ServerError:
            continue
        return port
    raise AssertionError("no four free ports in a row")


@pytest.fixture
def port() -> int:
    return free_run_of_four()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield listening


def test_the_four_http_ports_follow_one_another_and_grpc_lies_elsewhere(port: int) -> None:
    ports = choose_ports(port)
    row = (ports.inference, ports.management, ports.metrics, ports.worker_metrics)
    assert row == (port, port + 1, port + 2, port + 3)
    assert len({*row, ports.grpc_inference, ports.grpc_management}) == 6


@pytest.mark.parametrize(
    ("offset", "purpose"),
    [(0, "the inference API"), (1, "the management API"), (2, "the metrics API"), (3, "the workers' metrics")],
)
@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])
def test_a_taken_port_is_named_with_the_option_that_helps(
    port: int, listener: socket.socket, offset: int, purpose: str, address: str
) -> None:
    listener.bind((address, port + offset))
    listener.listen(1)
    with pytest.raises(ServerError, match=rf"port {port + offset} .*{purpose}.*in use.*--port"):
        choose_ports(port)


def test_a_port_that_was_just_in_use_is_free_again(port: int, listener: socket.socket) -> None:
    # The side that closes first keeps its port in TIME_WAIT; a restarted server must not stumble over it.
    listener.bind((LOOPBACK, port))
    listener.listen(1)
    with socket.create_connection((LOOPBACK, port)):
        accepted, _ = listener.accept()
        accepted.close()
    listener.close()
    assert choose_ports(port).inference == port


@pytest.mark.parametrize("port", [0, -1, 65533, 70000])
def test_a_port_without_room_for_four_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match=f"65532; got {port}"):
        choose_ports(port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_a_foreign_address_is_refused(port: int, host: str) -> None:
    with pytest.raises(ServerError, match=f"{host} is no IPv4 address of this machine.*--host"):
        choose_ports(port, host)
