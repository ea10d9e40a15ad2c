"""gRPC against a real server: the Open Inference Protocol in `tritonclient`'s messages, and TorchServe's own API.

TorchServe has the protocol's service under a name of its own, and reads and writes only the typed contents of tensors,
not the raw ones that `tritonclient`'s own calls send: so its messages are sent as they are, without its calls.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
import tritonclient.grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

TEXTS = ["The food was really slow.", "The bed was so clean."]
INFERENCE = "/org.pytorch.serve.grpc.openinference.GRPCInferenceService/"
PREDICTIONS = "/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions"
PACKAGE = "org.pytorch.serve.grpc.inference"


@pytest.fixture(scope="module")
def address(server) -> str:
    return re.search(r"gRPC +(\S+)", server.output).group(1)


@pytest.fixture(scope="module")
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address) as channel:
        yield channel


@pytest.fixture(scope="module")
def vectors(server) -> np.ndarray:
    """The vectors of TEXTS, as our own protocol gives them."""
    reply = httpx.post(f"{server.url}/predictions/encode", json=TEXTS)
    return np.array([item["embedding"] for item in reply.json()["data"]])


@pytest.fixture(scope="module")
def call(channel: grpc.Channel) -> Callable[[str, Message], Any]:
    """Call the Open Inference Protocol."""

    def call_method(name: str, request: Message) -> Any:
        response = getattr(service_pb2, type(request).__name__.replace("Request", "Response"))
        method = channel.unary_unary(
            INFERENCE + name,
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString,
        )
        return method(request, timeout=60)

    return call_method


def infer_request(texts: list[str], model: str = "encode", **fields: Any) -> service_pb2.ModelInferRequest:
    request = service_pb2.ModelInferRequest(model_name=model, **fields)
    tensor = request.inputs.add(name="text", datatype="BYTES", shape=[len(texts)])
    tensor.contents.bytes_contents.extend(text.encode() for text in texts)
    return request


def outputs_of(response: service_pb2.ModelInferResponse) -> dict[str, Any]:
    return {output.name: output for output in response.outputs}


def test_texts_become_vectors(call, vectors: np.ndarray) -> None:
    response = call("ModelInfer", infer_request(TEXTS, id="7"))
    assert (response.id, response.model_name) == ("7", "encode")
    outputs = outputs_of(response)
    embedding = outputs["embedding"]
    np.testing.assert_allclose(np.reshape(embedding.contents.fp32_contents, list(embedding.shape)), vectors, atol=1e-6)
    assert list(outputs["num_tokens"].contents.int_contents) == [6, 6]
    assert list(outputs["truncated"].contents.bool_contents) == [False, False]


def test_candidates_are_json_strings(call) -> None:
    outputs = outputs_of(call("ModelInfer", infer_request(TEXTS[:1], "paraphrase")))
    texts = [json.loads(text) for text in outputs["candidates"].contents.bytes_contents]
    assert len(texts) == outputs["num_candidates"].contents.int_contents[0] > 1
    assert all(isinstance(text, str) and text for text in texts)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (infer_request([*TEXTS, " "]), "empty_text"),
        (infer_request([]), "no_inputs"),
        (infer_request(["good " * 200_000]), "body_too_large"),
        (infer_request(["good"] * 513), "too_many_items"),
        (infer_request(["good"], "sample"), "not_allowed"),
        (service_pb2.ModelInferRequest(model_name="encode"), "wrong_length"),
        # What tritonclient sends by itself.
        (
            service_pb2.ModelInferRequest(
                model_name="encode",
                inputs=[{"name": "text", "datatype": "BYTES", "shape": [1]}],
                raw_input_contents=[b"\4\0\0\0good"],
            ),
            "wrong_length",
        ),
    ],
)
def test_an_error_is_an_output_and_the_worker_lives(call, request_: Message, code: str) -> None:
    # TorchServe has no gRPC status for it, and a reply without outputs would end the worker.
    (output,) = call("ModelInfer", request_).outputs
    assert output.name == "error"
    error = json.loads(output.contents.bytes_contents[0])
    assert set(error) == {"code", "message", "path"}
    assert error["code"] == code
    assert "embedding" in outputs_of(call("ModelInfer", infer_request(TEXTS)))


def test_torchserve_tells_of_server_and_models(call) -> None:
    assert call("ServerLive", service_pb2.ServerLiveRequest()).live
    assert call("ServerReady", service_pb2.ServerReadyRequest()).ready
    assert call("ModelReady", service_pb2.ModelReadyRequest(name="encode")).ready
    metadata = call("ModelMetadata", service_pb2.ModelMetadataRequest(name="encode"))
    assert (metadata.name, list(metadata.versions), list(metadata.inputs)) == ("encode", ["1.0"], [])


@pytest.mark.parametrize(
    ("name", "request_", "status"),
    [
        ("ServerMetadata", service_pb2.ServerMetadataRequest(), grpc.StatusCode.UNIMPLEMENTED),
        ("ModelReady", service_pb2.ModelReadyRequest(name="nothing"), grpc.StatusCode.NOT_FOUND),
        ("ModelInfer", infer_request(TEXTS, "nothing"), grpc.StatusCode.INTERNAL),
        ("ModelInfer", infer_request(TEXTS, model_version="9.9"), grpc.StatusCode.INTERNAL),
    ],
)
def test_what_torchserve_itself_refuses(call, name: str, request_: Message, status: grpc.StatusCode) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        call(name, request_)
    assert raised.value.code() == status


def test_the_clients_own_calls_do_not_find_the_service(address: str) -> None:
    with (
        tritonclient.grpc.InferenceServerClient(address) as client,
        pytest.raises(InferenceServerException, match="UNIMPLEMENTED"),
    ):
        client.is_server_live()


@pytest.fixture(scope="module")
def predict(channel: grpc.Channel) -> Callable[..., dict[str, Any]]:
    """Call TorchServe's own Predictions; its messages are made here as its inference.proto has them."""
    text, data = descriptor_pb2.FieldDescriptorProto.TYPE_STRING, descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
    file = descriptor_pb2.FileDescriptorProto(name="predictions.proto", package=PACKAGE, syntax="proto3")
    request = file.message_type.add(name="PredictionsRequest")
    request.field.add(name="model_name", number=1, type=text, label="LABEL_OPTIONAL")
    entry = request.nested_type.add(name="InputEntry", options={"map_entry": True})
    entry.field.add(name="key", number=1, type=text, label="LABEL_OPTIONAL")
    entry.field.add(name="value", number=2, type=data, label="LABEL_OPTIONAL")
    request.field.add(
        name="input", number=3, type="TYPE_MESSAGE", label="LABEL_REPEATED",
        type_name=f".{PACKAGE}.PredictionsRequest.InputEntry",
    )  # fmt: skip
    response = file.message_type.add(name="PredictionResponse")
    response.field.add(name="prediction", number=1, type=data, label="LABEL_OPTIONAL")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    request_class, response_class = (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}"))
        for message in (request, response)
    )
    method = channel.unary_unary(
        PREDICTIONS,
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )

    def call_predictions(model: str, **parts: bytes) -> dict[str, Any]:
        return json.loads(method(request_class(model_name=model, input=parts), timeout=60).prediction)

    return call_predictions


@pytest.mark.parametrize("name", ["body", "data"])
def test_torchserves_own_call_takes_our_own_requests(predict, vectors: np.ndarray, name: str) -> None:
    reply = predict("encode", **{name: json.dumps({"inputs": TEXTS}).encode()})
    np.testing.assert_allclose([item["embedding"] for item in reply["data"]], vectors, atol=1e-6)
    reply = predict("encode", **{name: TEXTS[0].encode()})
    np.testing.assert_allclose(reply["data"][0]["embedding"], vectors[0], atol=1e-6)


def test_torchserves_own_call_has_no_status_for_an_error(predict) -> None:
    assert predict("encode", body=b'{"inputs": []}')["error"]["code"] == "no_inputs"
    assert predict("encode")["error"]["code"] == "empty_text"
