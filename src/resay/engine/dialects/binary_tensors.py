"""Tensors as bytes behind the JSON of a body: the Open Inference Protocol's extension for binary data.

https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from resay.engine.body import parse_json
from resay.engine.dialects.foreign import ProtocolError

JSON_SIZE_HEADER = "Inference-Header-Content-Length"
SIZE = "binary_data_size"


def read_binary_body(data: bytes, num_json_bytes: int) -> object:
    """Return the JSON value of a body, with the texts that follow it put in their places.

    Args:
        data: The whole body.
        num_json_bytes: How much of it is JSON, as the header `JSON_SIZE_HEADER` says.

    Raises:
        RequestError: 400 ``invalid_json``, ``not_utf8`` or ``invalid_binary``.
    """
    if not 0 <= num_json_bytes <= len(data):
        raise invalid(f"{JSON_SIZE_HEADER} is {num_json_bytes}, and the body has {len(data)} bytes")
    try:
        body = parse_json(data[:num_json_bytes].decode("utf-8"))
    except UnicodeDecodeError:
        raise ProtocolError(400, "not_utf8", "the JSON part of the body is not UTF-8") from None
    rest = memoryview(data)[num_json_bytes:]
    for place, tensor in enumerate(tensors_of(body)):
        parameters = tensor.get("parameters")
        size = parameters.pop(SIZE, None) if isinstance(parameters, dict) else None
        if size is None:
            continue
        path = f"inputs[{place}]"
        if type(size) is not int or not 0 <= size <= len(rest):
            raise invalid(f"{path} should have {ascii(size)[:20]} bytes, and {len(rest)} are left", path)
        tensor["data"] = list(read_texts(rest[:size], path))
        rest = rest[size:]
    if rest:
        raise invalid(f"{len(rest)} bytes are left over at the end of the body")
    return body


def tensors_of(body: object) -> Iterator[dict[str, Any]]:
    """Yield what may be the input tensors of a body."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    return (tensor for tensor in (inputs if isinstance(inputs, list) else []) if isinstance(tensor, dict))


def read_texts(data: memoryview, path: str) -> Iterator[str]:
    """Yield the elements of a tensor of BYTES: each four bytes of its length, little-endian, and as many of UTF-8.

    Raises:
        ProtocolError: 400 ``invalid_binary`` or ``not_utf8``.
    """
    place = 0
    while data:
        if len(data) < 4:
            raise invalid(f"{path} ends within the length of element {place}", path)
        (size,) = struct.unpack("<I", data[:4])
        if size > len(data) - 4:
            raise invalid(f"element {place} of {path} should have {size} bytes, and {len(data) - 4} are left", path)
        try:
            yield str(data[4 : 4 + size], "utf-8")
        except UnicodeDecodeError:
            where = f"{path}.data[{place}]"
            raise ProtocolError(400, "not_utf8", f"{where} is not UTF-8; encode the text as UTF-8", where) from None
        data, place = data[4 + size :], place + 1


def pack_texts(texts: Iterable[str]) -> bytes:
    """Write the elements of a tensor of BYTES."""
    encoded = (text.encode() for text in texts)
    return b"".join(struct.pack("<I", len(text)) + text for text in encoded)


def pack_tensor(values: ndarray | list[str]) -> bytes:
    """Write a tensor of any type, row by row and little-endian."""
    if isinstance(values, list):
        return pack_texts(values)
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


def invalid(message: str, path: str = "") -> ProtocolError:
    """Return the error for bytes that do not add up."""
    return ProtocolError(400, "invalid_binary", f"{message}; see the protocol's extension for binary data", path)
