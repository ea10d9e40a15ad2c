"""The Open Inference Protocol's ModelInfer over gRPC, as TorchServe hands it over: its front end speaks gRPC, we JSON.

TorchServe writes the request as JSON, in which texts are base64, leaves out parameters, outputs and raw contents, and
reads the reply as JSON again: whatever is no complete reply there ends the worker's connection. So an error is a
reply too, whose one output is called ``error``. A text of the reply goes through as JSON, in quotation marks.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.foreign import INPUTS, ProtocolError, read_object, translated
from resay.engine.dialects.open_inference import read_id, write_tensor
from resay.engine.dialects.open_inference_requests import INPUT_DATA, read_texts
from resay.engine.dialects.tensors import TENSORS
from resay.engine.replies import RawReply
from resay.errors import RequestError

TAIL = "\0grpc/ModelInfer"
"""Stands for the path that a gRPC request does not have; no path of HTTP can be this one."""


@dataclass(slots=True)
class GrpcInference:
    """One ModelInfer.

    Attributes:
        endpoint: Who is asked.
        request_id: What the client calls the request, to be said again.
    """

    item_errors: ClassVar[bool] = False

    endpoint: str
    request_id: str = ""

    def read(self, body: object) -> object:
        """Return our own request, without options: TorchServe does not hand them over.

        Raises:
            ProtocolError: For anything else than one tensor of texts.
        """
        given = read_object(body, INPUTS, ("id", "model_name"))
        self.request_id = read_id(given) or ""
        if self.endpoint not in TENSORS:
            raise ProtocolError(
                422,
                "not_allowed",
                f"{self.endpoint} has no ModelInfer; these have it: {', '.join(TENSORS)}",
                "model_name",
            )
        return {INPUTS: [decoded(item, place) for place, item in enumerate(read_texts(given[INPUTS]))]}

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return all outputs."""
        tensors = TENSORS[self.endpoint](reply["data"])
        return self._reply(200, [write_tensor(name, tensor, None) for name, tensor in tensors.items()])

    def write_error(self, error: RequestError) -> RawReply:
        """Return a reply whose one output is the error, as JSON."""
        told = translated(error, INPUT_DATA)
        element = {"code": told.code, "message": str(told), "path": told.path}
        return self._reply(error.status, [{"name": "error", "datatype": "BYTES", "shape": [1], "data": [element]}])

    def _reply(self, status: int, outputs: list[dict[str, object]]) -> RawReply:
        body = {"id": self.request_id, "model_name": self.endpoint, "model_version": "", "outputs": outputs}
        return RawReply(status, orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY))


def decoded(item: object, place: int) -> str:
    """Return a text that TorchServe has written as base64.

    Raises:
        ProtocolError: 400 ``not_utf8``.
    """
    try:
        return base64.b64decode(str(item), validate=True).decode("utf-8")
    except ValueError:  # of base64, or of UTF-8
        path = f"{INPUT_DATA}[{place}]"
        raise ProtocolError(400, "not_utf8", f"{path} is not UTF-8; encode the text as UTF-8", path) from None
