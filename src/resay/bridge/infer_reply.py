"""From the body of an HTTP reply to a ModelInfer's response."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from resay.bridge.open_inference_pb2 import InferParameter, InferTensorContents, ModelInferResponse
from resay.engine.dialects.binary_tensors import SIZE
from resay.errors import RequestError


def infer_response(body: bytes, num_json_bytes: int | None, *, raw: bool) -> ModelInferResponse:
    """Read a reply.

    Args:
        body: JSON, and behind it the outputs as bytes.
        num_json_bytes: How much of it is JSON; None for all.
        raw: Whether the outputs stay bytes, or each becomes a list of its type.

    Raises:
        RequestError: 500 ``bad_reply``.
    """
    length = len(body) if num_json_bytes is None else num_json_bytes
    try:
        response = read_head(orjson.loads(body[:length]))
        packed = list(pieces(body[length:], sizes_of(response)))
        if raw:
            response.raw_output_contents.extend(packed)
        else:
            for output, data in zip(response.outputs, packed, strict=True):
                output.contents.CopyFrom(CONTENTS[output.datatype](data))
    except (ValueError, KeyError, TypeError, AttributeError, struct.error):
        # What went wrong could be told by quoting the reply, which may quote a text.
        raise RequestError(500, "bad_reply", "the server's reply is none of the Open Inference Protocol") from None
    return response


def read_head(head: Mapping[str, Any]) -> ModelInferResponse:
    """Return a response whose outputs have no contents yet, but still say how many bytes they are."""
    response = ModelInferResponse(
        model_name=head["model_name"], model_version=head.get("model_version", ""), id=head.get("id", "")
    )
    set_parameters(response.parameters, head.get("parameters", {}))
    for given in head["outputs"]:
        output = response.outputs.add(name=given["name"], datatype=given["datatype"], shape=given["shape"])
        set_parameters(output.parameters, given["parameters"])
    return response


def set_parameters(target: Any, given: Mapping[str, Any]) -> None:  # noqa: ANN401 (protobuf's map)
    """Write JSON values as parameters; those that no parameter can have are left out."""
    for name, value in given.items():
        if type(value) in FIELDS:
            target[name].CopyFrom(InferParameter(**{FIELDS[type(value)]: value}))


FIELDS: Mapping[type, str] = MappingProxyType(
    {bool: "bool_param", int: "int64_param", str: "string_param", float: "double_param"}
)
"""Of a parameter, by the type of its value."""


def sizes_of(response: ModelInferResponse) -> list[int]:
    """Take from each output how many bytes it has; over gRPC they need not be counted."""
    sizes = [output.parameters[SIZE].int64_param for output in response.outputs]
    for output in response.outputs:
        del output.parameters[SIZE]
    return sizes


def pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Yield pieces of these sizes.

    Raises:
        ValueError: They are not the whole, or one is less than nothing.
    """
    if sum(sizes) != len(data) or min(sizes, default=0) < 0:
        raise ValueError("the sizes of the outputs are not those of their bytes")
    place = 0
    for size in sizes:
        yield data[place : place + size]
        place += size


def unpack_texts(data: bytes) -> Iterator[bytes]:
    """Yield the texts of a tensor of BYTES.

    Raises:
        ValueError: The last one is cut off.
        struct.error: The length of the last one is.
    """
    place = 0
    while place < len(data):
        (size,) = struct.unpack_from("<I", data, place)
        place += 4 + size
        if place > len(data):
            raise ValueError("the last text of an output is cut off")
        yield data[place - size : place]


def numbers(data: bytes, dtype: str) -> list[Any]:
    """Return the numbers of a tensor, row by row."""
    values: list[Any] = np.frombuffer(data, dtype).tolist()
    return values


CONTENTS: Mapping[str, Callable[[bytes], InferTensorContents]] = MappingProxyType(
    {
        "FP32": lambda data: InferTensorContents(fp32_contents=numbers(data, "<f4")),
        "INT32": lambda data: InferTensorContents(int_contents=numbers(data, "<i4")),
        "BOOL": lambda data: InferTensorContents(bool_contents=numbers(data, "?")),
        "BYTES": lambda data: InferTensorContents(bytes_contents=list(unpack_texts(data))),
    }
)
"""Typed contents by the protocol's name of the type: those that the server's outputs have."""
