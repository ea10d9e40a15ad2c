"""What every handler does: open one service of the engine, and answer TorchServe's batches with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from resay.engine import ServiceSettings
from resay.torchserve.exchange import Context, Service, handle_batch, model_and_settings


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
        self.service = self.service_class.open(*model_and_settings(context))

    def handle(self, rows: Sequence[Mapping[str, Any]], context: Context) -> list[bytes]:
        """Answer a batch."""
        return handle_batch(self.service, rows, context)
