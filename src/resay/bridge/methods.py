"""The six calls of the service, each answered by asking the backend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson

from resay import __version__
from resay.bridge import open_inference_pb2 as messages
from resay.bridge.backend import Backend
from resay.bridge.call import Call
from resay.bridge.infer_reply import infer_response
from resay.bridge.infer_request import infer_body
from resay.bridge.settings import ROUTES, VERSION, Routes
from resay.bridge.statuses import read_error
from resay.engine.dialects.binary_tensors import JSON_SIZE_HEADER
from resay.engine.dialects.metadata import SERVER
from resay.engine.dialects.tensors import OUTPUTS
from resay.errors import RequestError, unknown_name_message

SERVICE = "inference.GRPCInferenceService"
"""As the standard calls it, and so every client."""


class Method(NamedTuple):
    """One call.

    Attributes:
        request: What it takes.
        answer: What answers it; raises RequestError.
    """

    request: Any
    answer: Callable[[Any, Call], Awaitable[Any]]


class Methods:
    """The calls.

    Args:
        backend: Who is asked.
        routes: Where; a name of `ROUTES`.
    """

    def __init__(self, backend: Backend, routes: str) -> None:
        self._backend = backend
        self._routes: Routes = ROUTES[routes]

    def table(self) -> Mapping[str, Method]:
        """Return the calls by name."""
        return {
            "ServerLive": Method(messages.ServerLiveRequest, self.server_live),
            "ServerReady": Method(messages.ServerReadyRequest, self.server_ready),
            "ModelReady": Method(messages.ModelReadyRequest, self.model_ready),
            "ServerMetadata": Method(messages.ServerMetadataRequest, self.server_metadata),
            "ModelMetadata": Method(messages.ModelMetadataRequest, self.model_metadata),
            "ModelInfer": Method(messages.ModelInferRequest, self.model_infer),
        }

    async def server_live(self, request: messages.ServerLiveRequest, call: Call) -> messages.ServerLiveResponse:
        """Say whether the backend lives."""
        return messages.ServerLiveResponse(live=await self._says_yes(call, self._routes.live) is True)

    async def server_ready(self, request: messages.ServerReadyRequest, call: Call) -> messages.ServerReadyResponse:
        """Say whether every endpoint that there is can answer, and there is one."""
        paths = {self._routes.ready.format(model=model) for model in OUTPUTS}
        said = await asyncio.gather(*(self._says_yes(call, path) for path in paths))
        return messages.ServerReadyResponse(ready=True in said and False not in said)

    async def model_ready(self, request: messages.ModelReadyRequest, call: Call) -> messages.ModelReadyResponse:
        """Say whether an endpoint can answer.

        Raises:
            RequestError: 404, if there is none of that name.
        """
        model = known_model(request.name, request.version)
        ready = await self._says_yes(call, self._routes.ready.format(model=model))
        if ready is None:
            raise RequestError(404, "model_not_found", f"the model {model} is not served here", "name")
        return messages.ModelReadyResponse(ready=ready)

    async def server_metadata(
        self, request: messages.ServerMetadataRequest, call: Call
    ) -> messages.ServerMetadataResponse:
        """Say what this is; the extensions of the protocol that the backend has are such of HTTP."""
        return messages.ServerMetadataResponse(name=str(SERVER["name"]), version=__version__)

    async def model_metadata(
        self, request: messages.ModelMetadataRequest, call: Call
    ) -> messages.ModelMetadataResponse:
        """Say what an endpoint takes and gives.

        Raises:
            RequestError: 404, or 501 if the backend does not tell.
        """
        model = known_model(request.name, request.version)
        if self._routes.metadata is None:
            raise RequestError(501, "not_told", "the edge tells nothing about models; ask the server behind it")
        answer = (await self._backend.ask(call, self._routes.metadata.format(model=model))).checked()
        told = orjson.loads(answer.body)
        return messages.ModelMetadataResponse(
            name=told["name"],
            versions=[VERSION],
            platform=told["platform"],
            inputs=[messages.ModelMetadataResponse.TensorMetadata(**tensor) for tensor in told["inputs"]],
            outputs=[messages.ModelMetadataResponse.TensorMetadata(**tensor) for tensor in told["outputs"]],
        )

    async def model_infer(self, request: messages.ModelInferRequest, call: Call) -> messages.ModelInferResponse:
        """Ask an endpoint; the outputs come back in the form, raw or typed, in which the inputs came.

        Raises:
            RequestError: What the backend said.
        """
        path = self._routes.infer.format(model=known_model(request.model_name, request.model_version, "model_"))
        body = infer_body(request)
        headers = {"Content-Type": "application/octet-stream", JSON_SIZE_HEADER: str(body.num_json_bytes)}
        answer = (await self._backend.ask(call, path, body.data, headers)).checked()
        length = answer.headers.get(JSON_SIZE_HEADER, "")
        response = infer_response(
            answer.body, int(length) if length.isdecimal() else None, raw=bool(request.raw_input_contents)
        )
        response.model_version = request.model_version
        return response

    async def _says_yes(self, call: Call, path: str) -> bool | None:
        """Return whether the backend says yes at an address; None, if there is no such address.

        Raises:
            RequestError: It does not say, because the client is not allowed to ask.
        """
        try:
            answer = await self._backend.ask(call, path)
        except RequestError:
            return False
        if answer.status == 404:
            return None
        if 400 <= answer.status < 500:
            raise read_error(answer.status, answer.body)
        return answer.status == 200


def known_model(name: str, version: str, prefix: str = "") -> str:
    """Return the name of a model, which is that of an endpoint; an address is made of it.

    Args:
        name: Given.
        version: Given; empty for any.
        prefix: What goes before `name` and `version` in the names of the message's fields.

    Raises:
        RequestError: 404 ``model_not_found``.
    """
    if name not in OUTPUTS:
        message = unknown_name_message("model", ascii(name)[1:-1][:80], OUTPUTS)
        raise RequestError(404, "model_not_found", message, f"{prefix}name")
    if version not in ("", VERSION):
        message = f"the one version of {name} is {VERSION}; got {ascii(version)[:40]}"
        raise RequestError(404, "model_not_found", message, f"{prefix}version")
    return name
