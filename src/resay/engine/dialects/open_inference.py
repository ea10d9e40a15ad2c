"""KServe's second protocol, the Open Inference Protocol, over HTTP: tensors in, tensors out.

https://github.com/kserve/open-inference-protocol
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.binary_tensors import JSON_SIZE_HEADER, SIZE, pack_tensor
from resay.engine.dialects.foreign import INPUTS, ProtocolError, check_model, read_object, translated
from resay.engine.dialects.open_inference_requests import ALL, INPUT_DATA, PARAMETERS, Wanted, read_options, read_texts
from resay.engine.dialects.tensors import TENSORS, Tensor
from resay.engine.replies import RawReply
from resay.errors import RequestError
from resay.text.splitting import replace_surrogates

MODEL = "model_name"
OTHER_FIELDS = ("id", MODEL, PARAMETERS, "outputs")
"""The protocol has the name in the path; KServe's own client sends it twice."""


@dataclass(slots=True)
class OpenInference:
    """One inference.

    Attributes:
        endpoint: Who is asked.
        request_id: What the client calls the request, to be said again.
        wanted: Which outputs are asked for, and in which form.
    """

    item_errors: ClassVar[bool] = False

    endpoint: str
    request_id: str | None = None
    wanted: Wanted = ALL

    @staticmethod
    def speaks(body: object) -> bool:
        """Return whether a body is one of this protocol: its inputs begin with a tensor, not a bad item of ours."""
        inputs = body.get(INPUTS) if isinstance(body, dict) else None
        first = inputs[0] if isinstance(inputs, list) and inputs else None
        return isinstance(first, dict) and "datatype" in first

    def read(self, body: object) -> object:
        """Return our own request: the elements of the one input are `inputs`, `parameters` are our options.

        Raises:
            ProtocolError: For anything else than one tensor of texts, and for unknown parameters or outputs.
        """
        given = read_object(body, INPUTS, OTHER_FIELDS)
        check_model(given, MODEL, self.endpoint)
        self.request_id = read_id(given)
        options, all_binary = read_options(given, self.endpoint)
        self.wanted = Wanted.read(given, self.endpoint, all_binary=all_binary)
        return {INPUTS: read_texts(given[INPUTS]), **options}

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return the outputs that were asked for."""
        tensors = TENSORS[self.endpoint](reply["data"])
        chosen = {name: tensors[name] for name in self.wanted.names or tensors if name in tensors}
        packed = {name: pack_tensor(chosen[name].values) for name in chosen if self.wanted.is_binary(name)}
        head: dict[str, object] = {MODEL: self.endpoint, PARAMETERS: {"model": reply["model"]}}
        if self.request_id is not None:
            head["id"] = self.request_id
        head["outputs"] = [write_tensor(name, tensor, packed.get(name)) for name, tensor in chosen.items()]
        json = orjson.dumps(head, option=orjson.OPT_SERIALIZE_NUMPY)
        if not packed:
            return RawReply(200, json)
        headers = {JSON_SIZE_HEADER: str(len(json))}
        return RawReply(200, b"".join([json, *packed.values()]), "application/octet-stream", headers)

    def write_error(self, error: RequestError) -> RawReply:
        """Return the error as the protocol prescribes it: a string, beside which we put the rest."""
        told = translated(error, INPUT_DATA, f"{PARAMETERS}.")
        return RawReply(told.status, orjson.dumps({"error": str(told), "code": told.code, "path": told.path}))


def read_id(body: Mapping[str, Any]) -> str | None:
    """Return the client's name of the request, if it gave one.

    Raises:
        ProtocolError: 422 ``wrong_type``.
    """
    given = body.get("id")
    if given is not None and not isinstance(given, str):
        raise ProtocolError(422, "wrong_type", "id must be a string", "id")
    if given is not None and replace_surrogates(given) != given:
        raise ProtocolError(422, "wrong_type", "id must be valid Unicode: it holds half of a surrogate pair", "id")
    return given


def write_tensor(name: str, tensor: Tensor, packed: bytes | None) -> dict[str, object]:
    """Return an output; its values stand in it, or, packed, behind the JSON."""
    described: dict[str, object] = {"name": name, "datatype": tensor.datatype, "shape": tensor.shape}
    if packed is not None:
        return described | {PARAMETERS: {SIZE: len(packed)}}
    values = tensor.values
    return described | {"data": values if isinstance(values, list) else values.ravel()}
