"""The bridge in front of a real server, asked by tritonclient's own gRPC client as it is."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
import tritonclient.grpc
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

SCRIPT = Path(__file__).parents[2] / "serving" / "grpc_bridge.py"
TEXTS = ["The food was really slow.", "The bed was so clean.", "The café was 好."]
SIZE = 16
MARK = "Zaunkoenig"


class Bridge:
    """A run of serving/grpc_bridge.py."""

    def __init__(self, backend: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), "--backend", backend, "--port", "0", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "RESAY_LOG_REQUESTS": "1"},
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline()]
        match = re.search(r"port (\d+)", self.lines[0])
        assert match, self.lines[0] + self.process.stdout.read()
        self.address = f"127.0.0.1:{match[1]}"

    def stop(self) -> int:
        """End it, keep what it said, and return its status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            said, _ = self.process.communicate(timeout=60)
            self.lines += said.splitlines()
        return int(self.process.returncode)


@pytest.fixture(scope="module")
def open_bridge() -> Iterator[Callable[..., Bridge]]:
    bridges: list[Bridge] = []

    def open_one(backend: str, *options: str) -> Bridge:
        bridges.append(Bridge(backend, *options))
        return bridges[-1]

    yield open_one
    for bridge in bridges:
        bridge.stop()


@pytest.fixture(scope="module")
def bridge(server, open_bridge: Callable[..., Bridge]) -> Bridge:
    return open_bridge(server.url)


@pytest.fixture(scope="module")
def client(bridge: Bridge) -> Iterator[tritonclient.grpc.InferenceServerClient]:
    with tritonclient.grpc.InferenceServerClient(bridge.address) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(open_bridge: Callable[..., Bridge]) -> Iterator[tritonclient.grpc.InferenceServerClient]:
    """A client of a bridge behind which nobody is, and of little patience."""
    bridge = open_bridge("http://127.0.0.1:9")
    with tritonclient.grpc.InferenceServerClient(bridge.address) as client:
        yield client


@pytest.fixture(scope="module")
def vectors(server) -> np.ndarray:
    """The vectors of TEXTS, as our own protocol gives them."""
    reply = httpx.post(f"{server.url}/predictions/encode", json=TEXTS)
    return np.array([item["embedding"] for item in reply.json()["data"]])


def text_tensor(texts: list[str], shape: list[int] | None = None) -> tritonclient.grpc.InferInput:
    shape = shape or [len(texts)]
    values = np.array([text.encode() for text in texts], dtype=object).reshape(shape)
    return tritonclient.grpc.InferInput("text", shape, "BYTES").set_data_from_numpy(values)


class TestInfer:
    def test_texts_become_vectors(self, client, vectors: np.ndarray) -> None:
        result = client.infer("encode", [text_tensor(TEXTS)], request_id="7")
        np.testing.assert_allclose(result.as_numpy("embedding"), vectors, atol=1e-6)
        assert result.as_numpy("num_tokens").shape == (3,)
        assert result.as_numpy("truncated").tolist() == [False, False, False]
        response = result.get_response()
        assert (response.id, response.model_name) == ("7", "encode")
        assert response.parameters["model"].string_param == "tiny"
        assert len(response.raw_output_contents) == len(response.outputs) == 4

    def test_options_outputs_version_and_shape_pass(self, client, server) -> None:
        outputs = [tritonclient.grpc.InferRequestedOutput("embedding")]
        result = client.infer(
            "encode",
            [text_tensor(TEXTS[:2], [2, 1])],
            model_version="1.0",
            outputs=outputs,
            parameters={"normalize": False, "dimensions": 4},
        )
        reply = httpx.post(
            f"{server.url}/predictions/encode", json={"inputs": TEXTS[:2], "normalize": False, "dimensions": 4}
        )
        expected = np.array([item["embedding"] for item in reply.json()["data"]])
        np.testing.assert_allclose(result.as_numpy("embedding"), expected, atol=1e-6)
        assert result.as_numpy("num_tokens") is None
        assert result.get_response().model_version == "1.0"

    def test_texts_become_paraphrases(self, client, server) -> None:
        options = {"n": 3, "diversity": 0.5, "seed": 7}
        result = client.infer("paraphrase", [text_tensor(TEXTS[:2])], parameters=options)
        reply = httpx.post(f"{server.url}/predictions/paraphrase", json={"inputs": TEXTS[:2], **options}).json()
        for row, item in zip(result.as_numpy("candidates"), reply["data"], strict=True):
            texts = [candidate["text"].encode() for candidate in item["candidates"]]
            assert row.tolist()[: len(texts)] == texts
        assert result.as_numpy("similarity").shape == result.as_numpy("candidates").shape

    def test_typed_contents_are_answered_so(self, bridge: Bridge, vectors: np.ndarray) -> None:
        # As KServe's client sends them.
        request = service_pb2.ModelInferRequest(model_name="encode")
        tensor = request.inputs.add(name="text", datatype="BYTES", shape=[len(TEXTS)])
        tensor.contents.bytes_contents.extend(text.encode() for text in TEXTS)
        with grpc.insecure_channel(bridge.address) as channel:
            infer = channel.unary_unary(
                "/inference.GRPCInferenceService/ModelInfer",
                request_serializer=service_pb2.ModelInferRequest.SerializeToString,
                response_deserializer=service_pb2.ModelInferResponse.FromString,
            )
            response, call = infer.with_call(
                request, metadata=[("x-request-id", "mine"), ("traceparent", f"00-{'a' * 32}-{'b' * 16}-01")]
            )
        outputs = {output.name: output.contents for output in response.outputs}
        np.testing.assert_allclose(np.reshape(outputs["embedding"].fp32_contents, (3, SIZE)), vectors, atol=1e-6)
        assert list(outputs["truncated"].bool_contents) == [False, False, False]
        assert not response.raw_output_contents
        assert {"x-model-sha", "x-request-id", "x-compute-time-ms"} <= {name for name, _ in call.trailing_metadata()}

    def test_several_calls_at_a_time(self, client, vectors: np.ndarray) -> None:
        results: dict[int, Any] = {}

        def ask(number: int) -> None:
            results[number] = client.infer("encode", [text_tensor([TEXTS[number % 3]])]).as_numpy("embedding")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(24):
            np.testing.assert_allclose(results[number][0], vectors[number % 3], atol=1e-5)


def wrong_type() -> tritonclient.grpc.InferInput:
    return tritonclient.grpc.InferInput("text", [1], "FP32").set_data_from_numpy(np.zeros(1, np.float32))


@pytest.mark.parametrize(
    ("model", "inputs", "options", "status", "said"),
    [
        ("encode", [text_tensor([*TEXTS, " "])], {}, "INVALID_ARGUMENT", "at least one word"),
        ("encode", [], {}, "INVALID_ARGUMENT", "one tensor"),
        ("encode", [wrong_type()], {}, "INVALID_ARGUMENT", "must be BYTES"),
        ("encode", [text_tensor(TEXTS)], {"parameters": {"dimension": 4}}, "INVALID_ARGUMENT", "'dimensions'"),
        ("encode", [text_tensor(TEXTS)], {"parameters": {"dimensions": 0}}, "INVALID_ARGUMENT", ""),
        ("encode", [text_tensor(TEXTS)], {"priority": 3}, "INVALID_ARGUMENT", "priority"),
        ("encode", [text_tensor(["good"] * 513)], {}, "RESOURCE_EXHAUSTED", "512"),
        ("encode", [text_tensor(["good " * 300_000])], {}, "RESOURCE_EXHAUSTED", "1048576"),
        ("encode", [text_tensor(["good " * 2_000_000])], {}, "RESOURCE_EXHAUSTED", "larger than max"),
        ("encoder", [text_tensor(TEXTS)], {}, "NOT_FOUND", "encode"),
        ("sample", [text_tensor(TEXTS)], {}, "NOT_FOUND", "encode, paraphrase"),
        ("../ping", [text_tensor(TEXTS)], {}, "NOT_FOUND", "encode"),
        ("encode", [text_tensor(TEXTS)], {"model_version": "2"}, "NOT_FOUND", "1.0"),
    ],
)
def test_an_error_has_its_code_and_our_message(client, model, inputs, options, status, said) -> None:
    with pytest.raises(InferenceServerException) as raised:
        client.infer(model, inputs, **options)
    assert raised.value.status() == f"StatusCode.{status}"
    assert said in raised.value.message()


def test_a_deadline_ends_a_call(client) -> None:
    with pytest.raises(InferenceServerException) as raised:
        client.infer("paraphrase", [text_tensor(TEXTS * 20)], client_timeout=0.02, parameters={"n": 20})
    assert raised.value.status() == "StatusCode.DEADLINE_EXCEEDED"


class TestQuestions:
    def test_server_and_models_tell_of_themselves(self, client) -> None:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("encode")
        assert client.is_model_ready("paraphrase", "1.0")
        assert client.get_server_metadata().name == "resay"
        metadata = client.get_model_metadata("encode")
        assert (metadata.name, list(metadata.versions)) == ("encode", ["1.0"])
        assert [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in metadata.inputs] == [
            ("text", "BYTES", [-1])
        ]
        outputs = {tensor.name: list(tensor.shape) for tensor in metadata.outputs}
        assert outputs["embedding"] == [-1, SIZE]

    def test_unknown_ones_do_not(self, client) -> None:
        with pytest.raises(InferenceServerException, match="NOT_FOUND"):
            client.is_model_ready("nothing")
        with pytest.raises(InferenceServerException, match="UNIMPLEMENTED"):
            client.get_model_config("encode")

    def test_nobody_is_neither_live_nor_ready(self, stranger) -> None:
        assert not stranger.is_server_live()
        assert not stranger.is_server_ready()
        assert not stranger.is_model_ready("encode")
        with pytest.raises(InferenceServerException, match="UNAVAILABLE"):
            stranger.infer("encode", [text_tensor(TEXTS)])


def test_no_text_is_logged(server, open_bridge: Callable[..., Bridge]) -> None:
    bridge = open_bridge(server.url)
    wrong = {"parameters": {"features": MARK}}
    with tritonclient.grpc.InferenceServerClient(bridge.address) as client:
        assert client.infer("encode", [text_tensor([MARK])]).as_numpy("embedding").shape == (1, SIZE)
        for model, text, options in ((MARK, MARK, {}), ("encode", f"{MARK} " * 200_000, {}), ("encode", MARK, wrong)):
            with pytest.raises(InferenceServerException):
                client.infer(model, [text_tensor([text])], **options)
    assert bridge.stop() == 0
    said = "".join(bridge.lines)
    assert said.count('"event":"request"') == 4
    assert MARK not in said
