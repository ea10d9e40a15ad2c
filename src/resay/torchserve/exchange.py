"""Between TorchServe's rows and the engine's requests, for the handlers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import orjson

from resay.engine import RawReply, RawRequest, ServiceSettings, read_settings
from resay.engine.replies import error_reply
from resay.errors import RequestError

# TorchServe parses these itself, keeps fields only, and of a form without "=" keeps nothing.
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


MODEL_FOLDER = "model"
"""Of an archive, beside the handler."""


@runtime_checkable
class Service(Protocol):
    """What a handler needs of a service of the engine."""

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together, each with a reply of its own."""

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""


@runtime_checkable
class Context(Protocol):
    """What a handler needs of TorchServe's context."""

    system_properties: Mapping[str, Any]
    model_yaml_config: Mapping[str, Any]

    def get_all_request_header(self, idx: int) -> Mapping[str, Any]:
        """Return the headers of one request of the batch."""

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        """Set the status of one reply."""

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Set the content type of one reply."""


def model_and_settings(context: Context) -> tuple[Path, ServiceSettings]:
    """Return where the archive's model was unpacked, and the ``handler`` section of its configuration.

    Raises:
        SettingsError: A setting is unknown or not allowed.
    """
    folder = Path(context.system_properties["model_dir"]) / MODEL_FOLDER
    return folder, read_settings(context.model_yaml_config["handler"])


def handle_batch(service: Service, rows: Sequence[Mapping[str, Any]], context: Context) -> list[bytes]:
    """Answer a batch; each request has its own status, so that a bad one fails no other."""
    headers = [context.get_all_request_header(index) for index in range(len(rows))]
    replies = answer_rows(service, rows, headers)
    for index, reply in enumerate(replies):
        context.set_response_status(reply.status, HTTPStatus(reply.status).phrase, index)
        context.set_response_content_type(index, reply.content_type)
    return [reply.body for reply in replies]


def answer_rows(
    service: Service, rows: Sequence[Mapping[str, Any]], headers: Iterable[Mapping[str, Any]]
) -> list[RawReply]:
    """Answer a batch.

    Args:
        service: What answers the requests that can be read.
        rows: For each request its body under ``body``, or the fields of a form.
        headers: For each request its headers.

    Returns:
        One reply for each row, in their order.
    """
    read = [_read(service, row, row_headers) for row, row_headers in zip(rows, headers, strict=True)]
    replies = iter(service.respond([item for item in read if isinstance(item, RawRequest)]))
    return [next(replies) if isinstance(item, RawRequest) else item for item in read]


def _read(service: Service, row: Mapping[str, Any], headers: Mapping[str, Any]) -> RawRequest | RawReply:
    # Sent by TorchServe for GET /models/NAME?customized=true. A client that sends it learns nothing secret.
    if headers.get("describe") == "True":
        return RawReply(200, orjson.dumps(service.describe()))
    content_type = _content_type(headers)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in _FORMS:
        return error_reply(
            RequestError(
                415,
                "unsupported_media_type",
                f"a body of type {media_type} is lost before it gets here (curl -d sends a form by default); "
                "add -H 'Content-Type: application/json', or text/plain for one plain sentence",
            )
        )
    return RawRequest(row.get("body", b""), content_type or None)


def _content_type(headers: Mapping[str, Any]) -> str:
    """Return the request's content type; TorchServe keeps the spelling of a header's name as it came."""
    values = (value for name, value in headers.items() if name.lower() == "content-type")
    return next((value for value in values if isinstance(value, str)), "")
