"""ModelInfer, with bodies as TorchServe's front end writes them."""

import base64

import orjson
import pytest

from resay.engine import RawRequest
from resay.engine.dialects import GRPC_TAIL


def model_infer(*texts: bytes, **changed: object) -> dict[str, object]:
    data = [base64.b64encode(text).decode() for text in texts]
    tensor = {"shape": [len(texts)], "data": data, "datatype": "BYTES", "name": "text", **changed}
    return {"model_name": "encode", "inputs": [tensor], "id": "7"}


RAW_CONTENTS = {"model_name": "encode", "inputs": [{"shape": [1], "datatype": "FP16", "name": "x"}], "id": ""}
"""Of raw contents nothing is left, and of some types not even a list."""


def the_error(reply):
    """Return the error of a reply that is whole for TorchServe all the same: anything else would end the worker."""
    assert set(reply) == {"id", "model_name", "model_version", "outputs"}
    (output,) = reply["outputs"]
    assert (output["name"], output["datatype"], output["shape"]) == ("error", "BYTES", [1])
    (error,) = output["data"]
    assert set(error) == {"code", "message", "path"}
    return error


def test_texts_become_vectors(ask_encode, expected):
    status, reply = ask_encode(model_infer(b"The soup was great!", b"the room was very good"), tail=GRPC_TAIL)
    assert (status, reply["id"], reply["model_name"], reply["model_version"]) == (200, "7", "encode", "")
    outputs = {output["name"]: output for output in reply["outputs"]}
    assert outputs["embedding"]["shape"] == [2, 10]
    assert outputs["embedding"]["data"] == expected[0] + expected[1]
    assert outputs["num_tokens"]["data"] == [5, 5]


def test_candidates_are_texts(ask_paraphrase):
    _, reply = ask_paraphrase(model_infer(b"The soup was great!"), tail=GRPC_TAIL)
    assert len(reply["outputs"][0]["data"]) == reply["outputs"][1]["data"][0] > 0


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (model_infer(b"good", b" "), "empty_text", "inputs[0].data[1]"),
        (model_infer(b"caf\xe9"), "not_utf8", "inputs[0].data[0]"),
        (model_infer(b"good", data=["?"]), "not_utf8", "inputs[0].data[0]"),
        (model_infer(), "no_inputs", "inputs[0].data"),
        (model_infer(b"good", datatype="FP32"), "not_allowed", "inputs[0].datatype"),
        (RAW_CONTENTS, "missing_field", "inputs[0].data"),
        ({"model_name": "encode", "inputs": [], "id": ""}, "wrong_length", "inputs"),
    ],
)
def test_an_error_is_an_output(ask_encode, body, code, path):
    _, reply = ask_encode(body, tail=GRPC_TAIL)
    error = the_error(reply)
    assert (error["code"], error["path"]) == (code, path)


@pytest.mark.parametrize("body", [b"", b"{", b"5", b"\xff", b'{"inputs": "' + b"a" * 2_000_000 + b'"}', b"null"])
def test_whatever_comes_the_reply_is_whole(ask_encode, body):
    the_error(ask_encode(body, tail=GRPC_TAIL)[1])


def test_a_fault_of_our_own_is_told_the_same_way(ask_encode, encode_service, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(encode_service), "_compute", fail)
    status, reply = ask_encode(model_infer(b"good"), tail=GRPC_TAIL)
    assert (status, the_error(reply)["code"]) == (500, "internal_error")


@pytest.mark.parametrize(("endpoint", "latent"), [("decode", "none"), ("interpolate", "none"), ("sample", "binary")])
def test_other_endpoints_refuse_it_and_their_reply_is_whole_too(open_service, endpoint, latent):
    raw = RawRequest(orjson.dumps(model_infer(b"good")), "application/json", tail=GRPC_TAIL)
    (reply,) = open_service(endpoint, latent).respond([raw])
    error = the_error(orjson.loads(reply.body))
    assert error["code"] == "not_allowed"
    assert "encode, paraphrase" in error["message"]
