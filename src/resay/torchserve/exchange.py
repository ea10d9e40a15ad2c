"""Between TorchServe's rows and the engine's requests, for the handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from resay.engine import ModelCard, RawReply, RawRequest, ServiceSettings, read_settings
from resay.engine.dialects import GRPC_TAIL, dialect_for, metadata_reply, ready_tails
from resay.errors import RequestError
from resay.torchserve.request_headers import Moment, RequestHeaders, deadline_of, read_headers

# TorchServe parses these itself, keeps fields only, and of a form without "=" keeps nothing.
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}

MODEL_FOLDER = "model"
"""Of an archive, beside the handler."""

_GRPC_HEADERS = {"body": {"content-type": "application/json"}}
"""All that comes with a gRPC ModelInfer, and with nothing else."""


@runtime_checkable
class Service(Protocol):
    """What a handler needs of a service of the engine."""

    @property
    def card(self) -> ModelCard:
        """Return the model's card."""

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together, each with a reply of its own."""

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""


@runtime_checkable
class Context(Protocol):
    """What a handler needs of TorchServe's context."""

    manifest: Mapping[str, Any]
    system_properties: Mapping[str, Any]
    model_yaml_config: Mapping[str, Any]

    def get_all_request_header(self, idx: int) -> Mapping[str, Any]:
        """Return the headers of one request of the batch."""

    def get_request_id(self, idx: int) -> str | None:
        """Return TorchServe's own id of one request."""

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        """Set the status of one reply."""

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Set the content type of one reply."""

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Set any other header of one reply."""


class Question(Enum):
    """What is asked of the worker itself."""

    DESCRIPTION = auto()
    READINESS = auto()


class Asked(NamedTuple):
    """One row of a batch.

    Attributes:
        headers: What matters of them.
        content: A request for the service, a question about the worker, or the reply to what needs neither.
        is_request: Whether it was meant for the service, and so counts.
    """

    headers: RequestHeaders
    content: RawRequest | Question | RawReply
    is_request: bool = True


def model_and_settings(context: Context) -> tuple[Path, ServiceSettings]:
    """Return where the archive's model was unpacked, and the ``handler`` section of its configuration.

    Raises:
        SettingsError: A setting is unknown or not allowed.
    """
    folder = Path(context.system_properties["model_dir"]) / MODEL_FOLDER
    assigned_gpu = context.system_properties.get("gpu_id")
    return folder, read_settings(context.model_yaml_config["handler"], assigned_gpu=assigned_gpu)


def read_row(
    row: Mapping[str, Any], headers: Mapping[str, Any], taken: Moment, endpoint: str, card: ModelCard
) -> Asked:
    """Read one row.

    Args:
        row: The body under ``body``, or ``data`` as is usual in gRPC, or the fields of a form.
        headers: As TorchServe hands them over.
        taken: When the worker took the batch.
        endpoint: Who is asked.
        card: The model's.
    """
    read = read_headers(headers, taken)
    tail = tail_of(headers)
    # Sent by TorchServe for GET /models/NAME?customized=true. A client that sends it learns nothing secret.
    if not tail and headers.get("describe") == "True":
        return Asked(read, Question.DESCRIPTION, is_request=False)
    if tail and (about := about_the_worker(tail, endpoint, card)) is not None:
        return Asked(read, about, is_request=False)
    body = row.get("body", row.get("data", b""))
    request = RawRequest(body, read.content_type, read.accept, tail, json_bytes=read.json_bytes)
    media_type = (read.content_type or "").partition(";")[0].strip().lower()
    try:
        if media_type in _FORMS:
            raise form_error(media_type)
        if read.timeout is not None:
            request = replace(request, deadline=deadline_of(read, taken))
    except RequestError as error:
        return Asked(read, dialect_for(request, None, endpoint, card.name).write_error(error))
    return Asked(read, request)


def about_the_worker(tail: str, endpoint: str, card: ModelCard) -> Question | RawReply | None:
    """Return what a tail of the path asks about the worker, or the answer to it; None if it is for the service."""
    if tail in ready_tails(endpoint):
        return Question.READINESS
    return metadata_reply(tail, endpoint, card)


def tail_of(headers: Mapping[str, Any]) -> str:
    """Return what follows endpoint and version in the path, without slashes at its ends."""
    if headers == _GRPC_HEADERS:
        return GRPC_TAIL
    path = headers.get("url_path")
    return path.strip("/") if isinstance(path, str) else ""


def form_error(media_type: str) -> RequestError:
    """Return the error for a form."""
    return RequestError(
        415,
        "unsupported_media_type",
        f"a body of type {media_type} is lost before it gets here (curl -d sends a form by default); "
        "add -H 'Content-Type: application/json', or text/plain for one plain sentence",
    )


def send(
    context: Context, replies: Sequence[RawReply], asked: Sequence[Asked], common: Mapping[str, str]
) -> list[bytes]:
    """Hand a batch's replies to TorchServe; each request has its own status, so that a bad one fails no other.

    Args:
        context: Of the batch.
        replies: One for each row.
        asked: The rows.
        common: Headers of every reply.
    """
    for index, (reply, row) in enumerate(zip(replies, asked, strict=True)):
        context.set_response_status(reply.status, _PHRASES.get(reply.status, ""), index)
        context.set_response_content_type(index, reply.content_type)
        for name, value in common.items():
            context.set_response_header(index, name, value)
        if row.headers.queue_seconds is not None:
            context.set_response_header(index, "x-queue-time-ms", f"{row.headers.queue_seconds * 1000:.2f}")
        for name, value in reply.headers.items():
            context.set_response_header(index, name, value)
    return [reply.body for reply in replies]
