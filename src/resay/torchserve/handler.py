"""What every handler does: open one service of the engine, and answer TorchServe's batches with it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from resay.engine import ServiceSettings
from resay.torchserve.buffered_reads import buffer_reads
from resay.torchserve.exchange import Context, Service, model_and_settings
from resay.torchserve.identity import identify
from resay.torchserve.json_log import start_json_log
from resay.torchserve.worker import Worker


@runtime_checkable
class ServiceClass(Protocol):
    """What can be opened to a service: `EncodeService` and its like."""

    def open(self, folder_path: Path, settings: ServiceSettings) -> Service:
        """Load a model folder."""


class ServiceHandler:
    """One worker's service, from its start to its end; the class of a handler file says which service.

    TorchServe takes the only class that a handler file defines itself, so this one stands here.
    """

    service_class: ClassVar[ServiceClass]

    def initialize(self, context: Context) -> None:
        """Load the model; a failure here ends the worker, and its traceback stands in the log."""
        folder, settings = model_and_settings(context)
        service = self.service_class.open(folder, settings)
        identity = identify(folder, context.manifest, service.describe())
        start_json_log(identity.endpoint)
        buffer_reads(sys.modules)
        self.worker = Worker.of(service, identity)

    def handle(self, rows: Sequence[Mapping[str, Any]], context: Context) -> list[bytes]:
        """Answer a batch."""
        return self.worker.answer(rows, context)
