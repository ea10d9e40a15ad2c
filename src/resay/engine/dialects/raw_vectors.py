"""Vectors as bare bytes, for those who accept application/octet-stream: neither side spends time on JSON."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from resay.engine.dialects.dialect import Dialect
from resay.engine.replies import RawReply, error_reply
from resay.errors import RequestError

OCTETS = "application/octet-stream"


def accepts_octets(accept: str | None) -> bool:
    """Return whether a header `Accept` names bare bytes before any other type."""
    first = (accept or "").partition(",")[0]
    return first.partition(";")[0].strip().lower() == OCTETS


class RawVectors:
    """Little-endian float32, row by row; the row of an item that failed is NaN.

    Headers: ``x-shape`` "B,D", and, where items failed, ``x-failed``, their places, and ``x-error``, a code.
    """

    item_errors: ClassVar[bool] = True

    def read(self, body: object) -> object:
        """Return the body with the encoding that leaves vectors as they are.

        Raises:
            RequestError: 422 ``not_allowed``, if packed bits are asked for.
        """
        fields = body if isinstance(body, dict) else {"inputs": body}
        given = fields.get("encoding_format")
        if given == "bits":
            raise RequestError(
                422,
                "not_allowed",
                f"packed bits come in JSON alone; leave the header Accept: {OCTETS} or encoding_format out",
                "encoding_format",
            )
        # Whatever is no format at all is refused as in JSON.
        return {**fields, "encoding_format": "float"} if given in (None, "base64") else fields

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return the vectors of a reply."""
        data, num_dimensions = reply["data"], reply["dimensions"]
        rows = np.full((len(data), num_dimensions), np.nan, dtype="<f4")
        failed = []
        for row, item in zip(rows, data, strict=True):
            if "error" in item:
                failed.append(item)
            else:
                row[:] = item["embedding"]
        headers = {"x-shape": f"{len(data)},{num_dimensions}"}
        if failed:
            headers["x-failed"] = ",".join(str(item["index"]) for item in failed)
            headers["x-error"] = failed[0]["error"]["code"]
        return RawReply(200, rows.tobytes(), OCTETS, headers)

    def write_error(self, error: RequestError) -> RawReply:
        """Return the error as JSON."""
        return error_reply(error)


RAW_VECTORS: Dialect = RawVectors()
