"""TorchServe's way into /predictions/encode. The work is done in the package resay.

TorchServe imports this file by its name and takes the one class it defines.
"""

from __future__ import annotations

from typing import Any

from resay.engine import EncodeService
from resay.torchserve.exchange import Context, handle_batch, model_and_settings


class EncodeHandler:
    """One worker's service, from its start to its end."""

    def initialize(self, context: Context) -> None:
        """Load the model; a failure here ends the worker, and its traceback stands in the log."""
        self.service = EncodeService.open(*model_and_settings(context))

    def handle(self, rows: list[dict[str, Any]], context: Context) -> list[bytes]:
        """Answer a batch."""
        return handle_batch(self.service, rows, context)
