"""A graph of two nodes that takes rows of the decoder's state, as the bytes of an .onnx file.

The engine does without the package onnx, and these few messages of protobuf are quickly written by hand: a field is its
number and kind, then a number, or a length and that many bytes. Numbers of fields are those of onnx.proto.
"""

from collections.abc import Iterable

FLOAT = 1
INT64 = 7
IR_VERSION = 8
OPSET = 13
_NUMBER = 0
_BYTES = 2


def gather_graph() -> bytes:
    """Return the graph: hidden, cell [R, H], rows [K] → taken_hidden, taken_cell [K, H]."""
    inputs = [_value("hidden", FLOAT, "RH"), _value("cell", FLOAT, "RH"), _value("rows", INT64, "K")]
    outputs = [_value("taken_hidden", FLOAT, "KH"), _value("taken_cell", FLOAT, "KH")]
    graph = [
        *(_message(1, _gather(name)) for name in ("hidden", "cell")),
        _message(2, b"take_rows"),
        *(_message(11, value) for value in inputs),
        *(_message(12, value) for value in outputs),
    ]
    operators = _joined([_message(1, b""), _number(2, OPSET)])
    return _joined([_number(1, IR_VERSION), _message(7, _joined(graph)), _message(8, operators)])


def _gather(name: str) -> bytes:
    names = [_message(1, name.encode()), _message(1, b"rows"), _message(2, f"taken_{name}".encode())]
    return _joined([*names, _message(4, b"Gather")])


def _value(name: str, element: int, axes: str) -> bytes:
    shape = _joined(_message(1, _message(2, axis.encode())) for axis in axes)
    tensor = _joined([_number(1, element), _message(2, shape)])
    return _joined([_message(1, name.encode()), _message(2, _message(1, tensor))])


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3 | _NUMBER]) + _variable_length(value)


def _message(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | _BYTES]) + _variable_length(len(content)) + content


def _variable_length(value: int) -> bytes:
    low, high = value & 127, value >> 7
    return bytes([low | 128]) + _variable_length(high) if high else bytes([low])


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)
