"""A batch of requests in the hands of TorchServe's handler, without TorchServe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traffic.content import Reply
from traffic.kinds import JSON

from drills.asks import Ask
from resay.engine import EncodeService
from resay.torchserve.identity import identify
from resay.torchserve.worker import Worker


@dataclass(slots=True)
class BatchContext:
    """What a handler asks TorchServe about one batch, and tells it."""

    manifest: Mapping[str, Any] = field(default_factory=dict)
    system_properties: Mapping[str, Any] = field(default_factory=dict)
    model_yaml_config: Mapping[str, Any] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)

    def get_all_request_header(self, idx: int) -> Mapping[str, str]:
        """Return the headers of a request."""
        return {"Content-Type": JSON}

    def get_request_id(self, idx: int) -> str:
        """Return TorchServe's id of a request."""
        return f"drill-{idx}"

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        """Note a status."""
        self.statuses[idx] = code

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Take a content type that nobody asks for here."""

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Take a header that nobody asks for here."""


def open_worker(model: Path) -> Worker:
    """Return what a handler of encode holds once it is initialised."""
    service = EncodeService.open(model)
    return Worker.of(service, identify(model, {}, service.describe()))


def handed_over(worker: Worker, asks: Sequence[Ask]) -> list[Reply]:
    """Return the replies to requests that reach a handler in one batch."""
    context = BatchContext()
    bodies = worker.answer([{"body": bytearray(ask.body)} for ask in asks], context)
    return [Reply(context.statuses[index], bytes(body), {}) for index, body in enumerate(bodies)]
