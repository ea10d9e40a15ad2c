"""From a ModelInfer to the body of an HTTP request: JSON, and behind it the tensors as bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

from resay.bridge.open_inference_pb2 import InferParameter, ModelInferRequest
from resay.engine.dialects.binary_tensors import SIZE
from resay.engine.dialects.open_inference_requests import ALL_BINARY, BINARY
from resay.errors import RequestError

TEXTS = "BYTES"


class Body(NamedTuple):
    """The body of a request, and how much of it is JSON."""

    data: bytes
    num_json_bytes: int


def infer_body(request: ModelInferRequest) -> Body:
    """Write a request, which asks for all its outputs as bytes.

    Whether names, options and shapes are right is left to the server.

    Raises:
        RequestError: 422: no inputs, raw contents that do not belong to them one by one, or parameters of no value.
    """
    if not request.inputs:
        # Only by its inputs does the edge's address know the protocol from our own.
        raise RequestError(422, "wrong_length", "inputs must have one tensor, with all texts in it; got 0", "inputs")
    packed = packed_inputs(request)
    head: dict[str, object] = {
        "inputs": [
            {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)} | contents_field(data)
            for tensor, data in zip(request.inputs, packed, strict=True)
        ],
        "parameters": {**plain(request.parameters, "parameters"), ALL_BINARY: True},
    }
    if request.outputs:
        head["outputs"] = [
            {"name": output.name, "parameters": {**plain(output.parameters, f"outputs[{place}]"), BINARY: True}}
            for place, output in enumerate(request.outputs)
        ]
    if request.id:
        head["id"] = request.id
    json = orjson.dumps(head)
    return Body(b"".join([json, *(data for data in packed if data is not None)]), len(json))


def contents_field(data: bytes | None) -> dict[str, object]:
    """Return what stands in a tensor of the JSON for its contents."""
    return {"data": []} if data is None else {"parameters": {SIZE: len(data)}}


def packed_inputs(request: ModelInferRequest) -> list[bytes | None]:
    """Return the contents of each input as bytes.

    Of a tensor that holds no texts they are left out: the server refuses it for its type.

    Raises:
        RequestError: 422 ``wrong_length`` or ``not_allowed``.
    """
    if not request.raw_input_contents:
        typed = ((tensor.datatype, tensor.contents.bytes_contents) for tensor in request.inputs)
        return [pack_texts(texts) if datatype == TEXTS else None for datatype, texts in typed]
    if any(tensor.HasField("contents") for tensor in request.inputs):
        raise RequestError(
            422,
            "not_allowed",
            "inputs must not have contents of their own when the request has raw_input_contents; send one of the two",
            "raw_input_contents",
        )
    if len(request.raw_input_contents) != len(request.inputs):
        raise RequestError(
            422,
            "wrong_length",
            f"raw_input_contents must have one element for each input; got {len(request.raw_input_contents)} for"
            f" {len(request.inputs)} inputs",
            "raw_input_contents",
        )
    return [
        data if tensor.datatype == TEXTS else None
        for tensor, data in zip(request.inputs, request.raw_input_contents, strict=True)
    ]


def pack_texts(texts: Iterable[bytes]) -> bytes:
    """Write a tensor's texts; whether they are UTF-8 is looked at by the server."""
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def plain(parameters: Mapping[str, InferParameter], place: str) -> dict[str, object]:
    """Return parameters as JSON has them.

    Raises:
        RequestError: 422 ``wrong_type``: a parameter has no value, or none that is a number.
    """
    values: dict[str, object] = {}
    for name, parameter in parameters.items():
        choice = parameter.WhichOneof("parameter_choice")
        value = getattr(parameter, choice) if choice else None
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            path = f"{place}.{ascii(name)[1:-1][:80]}"
            raise RequestError(422, "wrong_type", f"{path} must have a value that is a number, a text or a bool", path)
        values[name] = value
    return values
