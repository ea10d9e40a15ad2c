"""Protocols other than ours: what they ask is read as our own request, and our reply written as theirs."""

from resay.engine.dialects.binary_tensors import JSON_SIZE_HEADER, read_binary_body
from resay.engine.dialects.dialect import Dialect
from resay.engine.dialects.grpc_inference import TAIL as GRPC_TAIL
from resay.engine.dialects.metadata import metadata_reply, ready_tails
from resay.engine.dialects.native import NATIVE
from resay.engine.dialects.table import dialect_for

__all__ = [
    "GRPC_TAIL",
    "JSON_SIZE_HEADER",
    "NATIVE",
    "Dialect",
    "dialect_for",
    "metadata_reply",
    "read_binary_body",
    "ready_tails",
]
