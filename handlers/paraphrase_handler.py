"""TorchServe's way into /predictions/paraphrase. The work is done in the package resay.

TorchServe imports this file by its name and takes the one class it defines.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resay.engine import ParaphraseService, read_settings
from resay.torchserve.exchange import answer_rows

if TYPE_CHECKING:
    from ts.context import Context


class ParaphraseHandler:
    """One worker's service, from its start to its end."""

    def initialize(self, context: Context) -> None:
        """Load the model; a failure here ends the worker, and its traceback stands in the log."""
        model = Path(context.system_properties["model_dir"]) / "model"
        self.service = ParaphraseService.open(model, read_settings(context.model_yaml_config["handler"]))

    def handle(self, rows: list[dict[str, Any]], context: Context) -> list[bytes]:
        """Answer a batch; each request has its own status, so that a bad one fails no other."""
        headers = [context.get_all_request_header(index) for index in range(len(rows))]
        replies = answer_rows(self.service, rows, headers)
        for index, reply in enumerate(replies):
            context.set_response_status(reply.status, HTTPStatus(reply.status).phrase, index)
            context.set_response_content_type(index, reply.content_type)
        return [reply.body for reply in replies]
