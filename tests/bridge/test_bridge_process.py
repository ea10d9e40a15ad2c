"""serving/grpc_bridge.py as a process, before a backend that answers when it is told to."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from resay.bridge import open_inference_pb2 as messages

SCRIPT = Path(__file__).parents[2] / "serving" / "grpc_bridge.py"
SERVICE = "/inference.GRPCInferenceService/"
TIMEOUT_S = 60
Started = tuple[subprocess.Popen, grpc.Channel, str]


@pytest.fixture
def start(slow_server) -> Iterator[Callable[..., Started]]:
    """Start a bridge; returns process, channel and port."""
    started: list[Started] = []

    def start_one(*options: str) -> Started:
        command = [sys.executable, str(SCRIPT), "--backend", slow_server.url, "--port", "0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = process.stdout.readline()
        port = re.search(r"port (\d+)", line)
        assert port, line
        started.append((process, grpc.insecure_channel(f"127.0.0.1:{port[1]}"), port[1]))
        return started[-1]

    yield start_one
    slow_server.released.set()
    for process, channel, _ in started:
        channel.close()
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(channel: grpc.Channel, method: str = "ModelInfer", **options: object) -> grpc.Future:
    request = messages.ModelInferRequest(model_name="encode", raw_input_contents=[b"\4\0\0\0good"])
    request.inputs.add(name="text", datatype="BYTES", shape=[1])
    call = channel.unary_unary(
        SERVICE + method,
        request_serializer=messages.ModelInferRequest.SerializeToString,
        response_deserializer=messages.ModelInferResponse.FromString,
    )
    return call.future(request, timeout=TIMEOUT_S, **options)


def test_a_stop_waits_for_calls_in_flight(start, slow_server) -> None:
    process, channel, _ = start()
    pending = ask(channel)
    assert slow_server.arrived.acquire(timeout=TIMEOUT_S)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "Draining.\n"
    slow_server.released.set()
    assert len(pending.result(TIMEOUT_S).outputs) == 4
    assert process.wait(TIMEOUT_S) == 0


@pytest.mark.parametrize("options", [(), ("--grace", "0.1")])
def test_a_second_signal_and_the_grace_end_the_wait(start, slow_server, options: tuple[str, ...]) -> None:
    process, channel, _ = start(*options)
    pending = ask(channel)
    assert slow_server.arrived.acquire(timeout=TIMEOUT_S)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "Draining.\n"
    if not options:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert pending.exception(TIMEOUT_S).code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    assert "Traceback" not in process.stdout.read()


def test_too_many_calls_and_too_large_ones_are_refused(start, slow_server) -> None:
    _, channel, _ = start("--max-concurrent", "1", "--max-message-bytes", "2000")
    pending = ask(channel)
    assert slow_server.arrived.acquire(timeout=TIMEOUT_S)
    assert ask(channel).exception(TIMEOUT_S).code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    slow_server.released.set()
    assert pending.result(TIMEOUT_S).model_name == "encode"
    large = channel.unary_unary(SERVICE + "ModelInfer")
    with pytest.raises(grpc.RpcError) as raised:
        large(b"\0" * 2001, timeout=TIMEOUT_S)
    assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_call_that_takes_too_long_ends(start, slow_server) -> None:
    _, channel, _ = start("--timeout", "0.3")
    assert ask(channel).exception(TIMEOUT_S).code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_what_the_service_does_not_have(start) -> None:
    _, channel, port = start()
    assert ask(channel, "ModelStreamInfer").exception(TIMEOUT_S).code() == grpc.StatusCode.UNIMPLEMENTED
    done = subprocess.run([sys.executable, str(SCRIPT), "--port", port], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_machines_are_warned_of() -> None:
    command = [sys.executable, str(SCRIPT), "--host", "192.0.2.1", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "without TLS" in done.stderr
