"""Messages to bodies and back, held against what the worker reads and writes, and tritonclient's messages."""

import re
from pathlib import Path

import orjson
import pytest
from tritonclient.grpc import service_pb2

from resay.bridge import open_inference_pb2 as messages
from resay.bridge.infer_reply import infer_response
from resay.bridge.infer_request import infer_body
from resay.engine.dialects.binary_tensors import pack_texts, read_binary_body
from resay.engine.dialects.open_inference import OpenInference
from resay.errors import RequestError

TEXTS = ["The food was slow.", "", "Käse 好 😀"]
PROTO = Path(messages.__file__).with_name("open_inference.proto")


def request_of(texts: list[str] | None = None, *, raw: bool, datatype: str = "BYTES") -> messages.ModelInferRequest:
    texts = TEXTS if texts is None else texts
    request = messages.ModelInferRequest(model_name="encode")
    tensor = request.inputs.add(name="text", datatype=datatype, shape=[len(texts)])
    if raw:
        request.raw_input_contents.append(pack_texts(texts))
    else:
        tensor.contents.bytes_contents.extend(text.encode() for text in texts)
    return request


def test_messages_are_those_of_the_clients() -> None:
    for name, message in messages.DESCRIPTOR.message_types_by_name.items():
        theirs = service_pb2.DESCRIPTOR.message_types_by_name[name]
        assert described(message) == described(theirs), name
    assert len(messages.DESCRIPTOR.message_types_by_name) == 14


def described(message) -> dict[str, tuple]:
    fields = {field.name: (field.number, field.type, field.is_repeated) for field in message.fields}
    return fields | {nested.name: described(nested) for nested in message.nested_types}


def test_generated_module_is_that_of_the_file() -> None:
    text = re.sub(r"//.*", "", PROTO.read_text(encoding="utf-8"))
    written = re.findall(r"(\w+) = (\d+);", text)
    assert f"package {messages.DESCRIPTOR.package};" in text

    def fields(message) -> list[tuple[str, str]]:
        own = [(field.name, str(field.number)) for field in message.fields]
        maps = [nested for nested in message.nested_types if not nested.GetOptions().map_entry]
        return own + [pair for nested in maps for pair in fields(nested)]

    generated = [pair for message in messages.DESCRIPTOR.message_types_by_name.values() for pair in fields(message)]
    assert sorted(generated) == sorted(written)


class TestRequest:
    @pytest.mark.parametrize("raw", [True, False])
    def test_the_worker_reads_what_was_sent(self, raw: bool) -> None:
        request = request_of(raw=raw)
        request.id = "7"
        request.parameters["dimensions"].int64_param = 4
        request.parameters["normalize"].bool_param = False
        request.parameters["diversity"].double_param = 0.25
        request.parameters["features"].string_param = "bits"
        request.parameters["seed"].uint64_param = 2**63
        request.outputs.add(name="embedding")
        body = infer_body(request)
        value = read_binary_body(*body)
        assert value == {
            "id": "7",
            "inputs": [{"name": "text", "datatype": "BYTES", "shape": [3], "parameters": {}, "data": TEXTS}],
            "parameters": {
                "dimensions": 4,
                "normalize": False,
                "diversity": 0.25,
                "features": "bits",
                "seed": 2**63,
                "binary_data_output": True,
            },
            "outputs": [{"name": "embedding", "parameters": {"binary_data": True}}],
        }

    @pytest.mark.parametrize("raw", [True, False])
    def test_the_dialect_takes_it(self, raw: bool) -> None:
        request = request_of(raw=raw)
        request.parameters["dimensions"].int64_param = 4
        dialect = OpenInference("encode")
        assert dialect.read(read_binary_body(*infer_body(request))) == {"inputs": TEXTS, "dimensions": 4}
        assert dialect.wanted.is_binary("embedding")

    @pytest.mark.parametrize("raw", [True, False])
    def test_other_types_are_left_to_the_worker_to_refuse(self, raw: bool) -> None:
        value = read_binary_body(*infer_body(request_of(raw=raw, datatype="FP32")))
        with pytest.raises(RequestError, match="must be BYTES") as raised:
            OpenInference("encode").read(value)
        assert raised.value.path == "inputs[0].datatype"

    def test_bytes_that_are_no_text_keep_their_place(self) -> None:
        request = request_of([], raw=False)
        request.inputs[0].contents.bytes_contents.extend([b"good", b"\xff"])
        with pytest.raises(RequestError) as raised:
            read_binary_body(*infer_body(request))
        assert (raised.value.code, raised.value.path) == ("not_utf8", "inputs[0].data[1]")

    def test_what_does_not_add_up_is_refused(self) -> None:
        both = request_of(raw=True)
        both.inputs[0].contents.bytes_contents.append(b"good")
        many = request_of(raw=True)
        many.raw_input_contents.append(b"")
        for request, code in (
            (both, "not_allowed"),
            (many, "wrong_length"),
            (messages.ModelInferRequest(), "wrong_length"),
        ):
            with pytest.raises(RequestError) as raised:
                infer_body(request)
            assert (raised.value.status, raised.value.code) == (422, code)

    @pytest.mark.parametrize("value", [{}, {"double_param": float("nan")}, {"double_param": float("inf")}])
    def test_a_parameter_has_a_value(self, value: dict[str, float]) -> None:
        # JSON would have null for them, which stands for the default.
        request = request_of(raw=True)
        request.parameters["diversity"].CopyFrom(messages.InferParameter(**value))
        with pytest.raises(RequestError, match=r"parameters\.diversity"):
            infer_body(request)


class TestReply:
    def test_raw_outputs_are_the_workers_bytes(self, packed: tuple[bytes, int]) -> None:
        response = infer_response(*packed, raw=True)
        assert (response.id, response.model_name) == ("7", "encode")
        assert dict(response.parameters) == {"model": messages.InferParameter(string_param="tiny")}
        assert [(output.name, output.datatype, list(output.shape)) for output in response.outputs] == [
            ("embedding", "FP32", [2, 2]),
            ("num_tokens", "INT32", [2]),
            ("num_unknown", "INT32", [2]),
            ("truncated", "BOOL", [2]),
        ]
        assert not any(output.parameters or output.HasField("contents") for output in response.outputs)
        assert b"".join(response.raw_output_contents) == packed[0][packed[1] :]
        assert [len(content) for content in response.raw_output_contents] == [16, 8, 8, 2]

    def test_typed_outputs_hold_the_same(self, packed: tuple[bytes, int]) -> None:
        response = infer_response(*packed, raw=False)
        contents = {output.name: output.contents for output in response.outputs}
        assert list(contents["embedding"].fp32_contents) == [0.5, -1.5, 2.0, 4.0]
        assert list(contents["num_tokens"].int_contents) == [3, 9]
        assert list(contents["truncated"].bool_contents) == [False, True]
        assert not response.raw_output_contents

    def test_texts_are_taken_apart(self) -> None:
        texts = pack_texts(TEXTS)
        head = reply_head("BYTES", len(texts))
        response = infer_response(head + texts, len(head), raw=False)
        assert [text.decode() for text in response.outputs[0].contents.bytes_contents] == TEXTS

    def test_no_outputs_are_none(self) -> None:
        body = orjson.dumps({"model_name": "encode", "outputs": []})
        assert list(infer_response(body, None, raw=True).outputs) == []

    @pytest.mark.parametrize("raw", [True, False])
    @pytest.mark.parametrize(
        ("body", "length"),
        [
            (b"<html>secret</html>", None),
            (b'{"data": "secret"}', None),
            (b'["secret"]', None),
            (b'{"model_name": "encode", "outputs": [{"name": "secret"}]}', None),
            (b'{"model_name": "encode", "outputs": "secret"}', None),
            (b'{"model_name": 7, "outputs": []}', None),
        ],
    )
    def test_what_is_no_reply_is_not_quoted(self, body: bytes, length: int | None, raw: bool) -> None:
        with pytest.raises(RequestError) as raised:
            infer_response(body, length, raw=raw)
        assert (raised.value.status, raised.value.code) == (500, "bad_reply")
        assert "secret" not in str(raised.value)

    @pytest.mark.parametrize(("size", "data"), [(8, b"1234"), (-4, b""), (0, b"1"), (4, b"")])
    def test_sizes_must_be_those_of_the_bytes(self, size: int, data: bytes) -> None:
        head = reply_head("FP32", size)
        with pytest.raises(RequestError, match="none of the Open Inference Protocol"):
            infer_response(head + data, len(head), raw=True)

    @pytest.mark.parametrize(
        ("datatype", "data"),
        [("BYTES", b"\1\0\0"), ("BYTES", b"\5\0\0\0good"), ("FP32", b"123"), ("FP64", b"")],
    )
    def test_contents_must_be_of_their_type(self, datatype: str, data: bytes) -> None:
        head = reply_head(datatype, len(data))
        with pytest.raises(RequestError, match="none of the Open Inference Protocol"):
            infer_response(head + data, len(head), raw=False)


def reply_head(datatype: str, size: int) -> bytes:
    output = {"name": "it", "datatype": datatype, "shape": [1], "parameters": {"binary_data_size": size}}
    return orjson.dumps({"model_name": "encode", "outputs": [output]})
