"""One worker of TorchServe's: answers batches, and says what it did in headers, metrics and log."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from resay.engine import RawReply, RawRequest
from resay.engine.dialects import dialect_for
from resay.engine.merging import log_fault
from resay.engine.replies import internal_error
from resay.engine.self_check import self_check
from resay.engine.work import Work, observed_work
from resay.errors import RequestError
from resay.torchserve.exchange import Asked, Context, Question, Service, read_row, send
from resay.torchserve.identity import Identity
from resay.torchserve.json_log import LoggedRequest, error_code, log_request, logs_every_request
from resay.torchserve.metrics import WorkerMetrics, open_metrics
from resay.torchserve.readyz import Readiness
from resay.torchserve.request_headers import Moment


@dataclass(frozen=True, slots=True)
class Worker:
    """Answers the batches of one endpoint.

    Attributes:
        service: Of the engine.
        identity: What is served.
        readiness: Answers `readyz`.
        metrics: Where to count; None if nobody looks.
        logs_all: Whether each request gets a line in the log, not only those answered with 500 and above.
    """

    service: Service
    identity: Identity
    readiness: Readiness
    metrics: WorkerMetrics | None = None
    logs_all: bool = False

    @classmethod
    def of(cls, service: Service, identity: Identity) -> Worker:
        """Return the worker of an opened service, as its environment wants it."""
        readiness = Readiness(identity, partial(self_check, service))
        return cls(service, identity, readiness, open_metrics(identity), logs_every_request())

    def answer(self, rows: Sequence[Mapping[str, Any]], context: Context) -> list[bytes]:
        """Answer a batch. Nothing is raised: TorchServe would fail all of it, and log the error's message."""
        taken = Moment.now()
        name, card = self.identity.service, self.service.card
        asked = [
            read_row(row, context.get_all_request_header(index), taken, name, card) for index, row in enumerate(rows)
        ]
        with observed_work() as work:
            answered = iter(self._respond([row.content for row in asked if isinstance(row.content, RawRequest)]))
        replies = [
            row.content
            if isinstance(row.content, RawReply)
            else self._answer_question(row.content)
            if isinstance(row.content, Question)
            else next(answered)
            for row in asked
        ]
        seconds = time.monotonic() - taken.monotonic
        common = {"x-model-sha": self.identity.model_sha, "x-compute-time-ms": f"{seconds * 1000:.2f}"}
        bodies = send(context, replies, asked, common)
        try:
            self._tell(work, asked, replies, context, seconds)
        except Exception as error:  # no request shall fail because it could not be counted
            log_fault(error)
        return bodies

    def _respond(self, requests: Sequence[RawRequest]) -> list[RawReply]:
        if not requests:
            return []
        try:
            return self.service.respond(requests)
        except Exception as error:  # a service that keeps its promise raises nothing
            log_fault(error)
            return [self._refuse(request, internal_error()) for request in requests]

    def _refuse(self, request: RawRequest, error: RequestError) -> RawReply:
        dialect = dialect_for(request, None, self.identity.service, self.service.card.name)
        return dialect.write_error(error)

    def _answer_question(self, question: Question) -> RawReply:
        if question is Question.DESCRIPTION:
            return RawReply(200, orjson.dumps(self.service.describe()))
        reply = self.readiness.reply()
        if self.metrics is not None:
            try:
                self.metrics.set_ready(reply.status == 200)
            except OSError as error:  # a disk that is full makes no worker unready
                log_fault(error)
        return reply

    def _tell(
        self, work: Work, asked: Sequence[Asked], replies: Sequence[RawReply], context: Context, seconds: float
    ) -> None:
        """Count and log the requests; questions about the worker are no requests."""
        told = [
            (index, row.headers, reply.status, error_code(reply.status, reply.body))
            for index, (row, reply) in enumerate(zip(asked, replies, strict=True))
            if row.is_request
        ]
        if not told:
            return
        if self.metrics is not None:
            queue = [headers.queue_seconds for _, headers, _, _ in told if headers.queue_seconds is not None]
            total = [seconds + (headers.queue_seconds or 0.0) for _, headers, _, _ in told]
            self.metrics.record(work, [(status, code) for _, _, status, code in told], queue, total)
        for index, headers, status, code in told:
            if status >= 500 or self.logs_all:
                own_id = context.get_request_id(index) or ""
                waited = headers.queue_seconds or 0.0
                log_request(
                    LoggedRequest(
                        headers.request_id or own_id, own_id, headers.trace_id, status, code, seconds + waited
                    )
                )
