"""The extension for binary data, packed here by hand."""

import struct

import numpy as np
import orjson
import pytest

from resay.engine import RawRequest

TEXTS = ["The soup was great!", "the room was very good"]


def packed(*texts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def binary_request(rest: bytes, *, size: object = None, num_texts: int = 2, **fields: object) -> tuple[bytes, int]:
    given = {"binary_data_size": len(rest) if size is None else size}
    tensor = {"name": "text", "shape": [num_texts], "datatype": "BYTES", "parameters": given}
    head = orjson.dumps({"inputs": [tensor], **fields})
    return head + rest, len(head)


def unpacked(reply) -> dict[str, bytes]:
    """Return the bytes of each output."""
    num_json_bytes = int(reply.headers["Inference-Header-Content-Length"])
    rest, found = reply.body[num_json_bytes:], {}
    for output in orjson.loads(reply.body[:num_json_bytes])["outputs"]:
        size = output["parameters"]["binary_data_size"]
        found[output["name"]], rest = rest[:size], rest[size:]
    assert not rest
    return found


def test_texts_may_stand_behind_the_json(ask_bytes, expected):
    body, size = binary_request(packed(*(text.encode() for text in TEXTS)))
    reply = ask_bytes(body, json_bytes=size)
    assert (reply.status, reply.content_type) == (200, "application/json")
    embedding = orjson.loads(reply.body)["outputs"][0]
    np.testing.assert_allclose(np.reshape(embedding["data"], embedding["shape"]), expected, rtol=1e-6)


def test_outputs_may_stand_there_too(ask_bytes, expected):
    body, size = binary_request(packed(b"good", "schön".encode()), parameters={"binary_data_output": True})
    reply = ask_bytes(body, json_bytes=size)
    assert (reply.status, reply.content_type) == (200, "application/octet-stream")
    outputs = unpacked(reply)
    assert {name: len(data) for name, data in outputs.items()} == {
        "embedding": 2 * 10 * 4,
        "num_tokens": 8,
        "num_unknown": 8,
        "truncated": 2,
    }
    assert np.frombuffer(outputs["num_unknown"], "<i4").tolist() == [0, 1]


def test_each_output_may_choose(ask_bytes, expected):
    outputs = [{"name": "embedding", "parameters": {"binary_data": True}}, {"name": "num_tokens"}]
    body = {"inputs": [{"name": "t", "shape": [2], "datatype": "BYTES", "data": TEXTS}], "outputs": outputs}
    reply = ask_bytes(body)
    size = int(reply.headers["Inference-Header-Content-Length"])
    first, second = orjson.loads(reply.body[:size])["outputs"]
    assert first["parameters"] == {"binary_data_size": 80}
    assert second["data"] == [5, 5]
    np.testing.assert_array_equal(np.frombuffer(reply.body[size:], "<f4").reshape(2, 10), np.float32(expected))


def test_texts_come_back_as_they_are_packed(paraphrase_service):
    body, size = binary_request(
        packed(b"The soup was great!"), num_texts=1, parameters={"n": 2, "binary_data_output": True}
    )
    (reply,) = paraphrase_service.respond([RawRequest(body, "application/octet-stream", json_bytes=size)])
    data, texts = unpacked(reply)["candidates"], []
    while data:
        (length,) = struct.unpack("<I", data[:4])
        texts.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    assert len(texts) == 2
    assert all(texts)


@pytest.mark.parametrize(
    ("rest", "size", "code", "hint"),
    [
        (b"\x00\x00", None, "invalid_binary", "ends within the length"),
        (struct.pack("<I", 9) + b"good", None, "invalid_binary", "should have 9 bytes, and 4 are left"),
        (packed(b"good"), 4000, "invalid_binary", "should have 4000 bytes, and 8 are left"),
        (packed(b"good"), -1, "invalid_binary", "should have -1 bytes"),
        (packed(b"good"), "8", "invalid_binary", "should have '8' bytes"),
        (packed(b"good"), True, "invalid_binary", "should have True bytes"),
        (packed(b"good") + b"x" * 9, 8, "invalid_binary", "9 bytes are left over"),
        (packed(b"good", b"\xff"), None, "not_utf8", "inputs[0].data[1]"),
    ],
)
def test_bytes_that_do_not_add_up_are_refused(ask_bytes, rest, size, code, hint):
    body, num_json_bytes = binary_request(rest, size=size)
    reply = ask_bytes(body, json_bytes=num_json_bytes)
    error = orjson.loads(reply.body)["error"]
    assert (reply.status, error["code"]) == (400, code)
    assert hint in error["message"]


@pytest.mark.parametrize("size", [-1, 10**9])
def test_the_header_cannot_name_more_than_there_is(ask_bytes, size):
    reply = ask_bytes(b'{"inputs": []}', json_bytes=size)
    assert (reply.status, orjson.loads(reply.body)["error"]["code"]) == (400, "invalid_binary")


@pytest.mark.parametrize("body", [b"{", b"\xff{}"])
def test_the_json_part_must_be_json(ask_bytes, body):
    reply = ask_bytes(body, json_bytes=len(body))
    assert reply.status == 400


@pytest.mark.parametrize("body", [b"[]", b'{"inputs": 5}', b'{"inputs": [5]}', b'"good"'])
def test_a_body_without_tensors_is_read_as_any_other(ask_bytes, body):
    assert ask_bytes(body, json_bytes=len(body)).body == ask_bytes(body).body
