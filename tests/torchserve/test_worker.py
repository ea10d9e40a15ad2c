"""A worker as TorchServe uses it, without TorchServe."""

import io
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from resay.engine import ModelCard, RawReply, RawRequest
from resay.engine.replies import error_reply
from resay.engine.self_check import SelfCheck
from resay.engine.work import count, timed
from resay.errors import RequestError
from resay.torchserve.identity import Identity
from resay.torchserve.metrics import WorkerMetrics
from resay.torchserve.readyz import Readiness
from resay.torchserve.worker import Worker

IDENTITY = Identity("encode", "encode", "1.0", "tiny", "0123456789ab", "CPUExecutionProvider")
MARKER = "quokka"


class FakeService:
    """Answers with the status that the body names; raises where it is none."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card
        self.asked: list[RawRequest] = []

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        self.asked += raw_requests
        count("requests", len(raw_requests))
        with timed("compute"):
            return [self.reply(int(bytes(request.body))) for request in raw_requests]

    def reply(self, status: int) -> RawReply:
        if status == 200:
            return RawReply(200, b"{}")
        return error_reply(RequestError(status, "teapot", f"the text was {MARKER}"))

    def describe(self) -> dict[str, object]:
        return {"service": "encode"}


@pytest.fixture
def service(make_card: Callable[..., ModelCard]) -> FakeService:
    return FakeService(make_card())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def worker(service: FakeService, registry: CollectorRegistry) -> Worker:
    readiness = Readiness(IDENTITY, lambda: SelfCheck(3, ("embedding differs",)))
    return Worker(service, IDENTITY, readiness, WorkerMetrics(IDENTITY, registry))


def lines(json_log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in json_log.getvalue().splitlines()]


def test_every_row_gets_its_own_reply_in_order(worker: Worker, service: FakeService, make_context) -> None:
    context = make_context(
        [
            {},
            {"content-type": "multipart/form-data"},
            {"url_path": "readyz"},
            {"describe": "True"},
            {},
            {"url_path": "v2"},
        ]
    )
    bodies = worker.answer([{"body": b"200"}, {}, {}, {}, {"body": b"413"}, {}], context)
    assert context.statuses == [200, 415, 503, 200, 413, 200]
    assert [bytes(request.body) for request in service.asked] == [b"200", b"413"]
    assert all(isinstance(body, bytes) for body in bodies)
    assert json.loads(bodies[3]) == {"service": "encode"}
    assert json.loads(bodies[2])["error"]["code"] == "not_ready"


def test_every_reply_says_which_model_made_it_and_in_what_time(worker: Worker, make_context) -> None:
    context = make_context([{}, {"X-Request-Start": f"t={time.time() - 2}"}, {"url_path": "/readyz"}])
    worker.answer([{"body": b"200"}, {"body": b"404"}, {}], context)
    for reply in context.replies.values():
        assert reply["x-model-sha"] == "0123456789ab"
        assert 0 <= float(str(reply["x-compute-time-ms"])) < 60_000
    assert "x-queue-time-ms" not in context.replies[0]
    assert 2000 <= float(str(context.replies[1]["x-queue-time-ms"])) < 60_000


def test_a_second_registration_is_asked_by_the_services_name_and_counted_under_its_own(
    service: FakeService, registry: CollectorRegistry, make_context
) -> None:
    identity = replace(IDENTITY, endpoint="encode_bulk")
    readiness = Readiness(identity, lambda: SelfCheck(3, ()))
    worker = Worker(service, identity, readiness, WorkerMetrics(identity, registry))
    context = make_context([{}, {"url_path": "v2/models/encode/ready"}, {"url_path": "v2/models/encode"}])
    bodies = worker.answer([{"body": b"200"}, {}, {}], context)
    assert context.statuses == [200, 200, 200]
    assert json.loads(bodies[2])["name"] == "encode"
    counted = {"endpoint": "encode_bulk", "status": "200", "code": ""}
    assert registry.get_sample_value("resay_requests_total", counted) == 1
    assert registry.get_sample_value("resay_requests_total", {**counted, "endpoint": "encode"}) is None


def test_a_deadline_counts_from_the_arrival(worker: Worker, service: FakeService, make_context) -> None:
    before = time.monotonic()
    start = {"X-Request-Start": f"t={time.time() - 2}"}
    rows = [{"body": b"200"}] * 3
    worker.answer(rows, make_context([{"X-Request-Timeout-Ms": "500"}, {"X-Request-Timeout-Ms": "500", **start}, {}]))
    deadlines = [request.deadline for request in service.asked]
    assert before + 0.5 <= deadlines[0] <= time.monotonic() + 0.5
    assert deadlines[1] < time.monotonic() - 1
    assert deadlines[2] == math.inf


def test_requests_are_counted_and_questions_are_not(worker: Worker, registry: CollectorRegistry, make_context) -> None:
    headers = [{}, {}, {"content-type": "multipart/form-data"}, {"url_path": "readyz"}, {"describe": "True"}]
    rows = [{"body": b"200"}, {"body": b"422"}, {}, {}, {}]
    worker.answer(rows, make_context(headers))
    worker.answer([{}], make_context([{"url_path": "readyz"}]))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"endpoint": "encode", **labels})

    assert value("resay_requests_total", status="200", code="") == 1
    assert value("resay_requests_total", status="422", code="teapot") == 1
    assert value("resay_requests_total", status="415", code="unsupported_media_type") == 1
    assert value("resay_requests_total", status="503", code="not_ready") is None
    assert value("resay_request_seconds_count") == 3
    assert value("resay_batch_requests_sum") == 2
    assert value("resay_stage_seconds_count", stage="compute") == 1
    assert value("resay_ready") == 0


def test_only_failures_of_our_own_are_logged(worker: Worker, json_log: io.StringIO, make_context) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    headers = [{}, {}, {"X-Request-Id": "mine", "traceparent": trace}, {"X-Request-Id": f"a {MARKER}"}]
    worker.answer([{"body": body} for body in (b"200", b"422", b"504", b"500")], make_context(headers))
    first, second = lines(json_log)
    assert (first["status"], first["code"], first["request_id"], first["torchserve_id"]) == (
        504,
        "teapot",
        "mine",
        "own-2",
    )
    assert first["trace_id"] == "a" * 32
    assert (second["status"], second["request_id"], second["trace_id"]) == (500, "own-3", None)
    assert MARKER not in json_log.getvalue()


def test_every_request_is_logged_where_that_is_wanted(
    service: FakeService, json_log: io.StringIO, make_context
) -> None:
    worker = Worker(service, IDENTITY, Readiness(IDENTITY, lambda: SelfCheck(0, ())), logs_all=True)
    worker.answer([{"body": b"200"}, {"body": b"422"}], make_context([{}, {}]))
    assert [(line["status"], line["level"]) for line in lines(json_log)] == [(200, "info"), (422, "info")]


def test_a_service_that_raises_fails_its_requests_without_a_word_of_theirs(
    worker: Worker, json_log: io.StringIO, make_context
) -> None:
    context = make_context([{}, {"url_path": "v2"}, {}])
    bodies = worker.answer([{"body": b"200"}, {}, {"body": MARKER.encode()}], context)
    assert context.statuses == [500, 200, 500]
    assert json.loads(bodies[0])["error"]["code"] == "internal_error"
    fault, *failed = lines(json_log)
    assert fault["event"] == "fault"
    assert str(fault["message"]).startswith("ValueError while answering a request")
    assert [line["status"] for line in failed] == [500, 500]
    assert MARKER not in json_log.getvalue()


def test_no_request_fails_because_it_cannot_be_counted(
    worker: Worker, json_log: io.StringIO, monkeypatch: pytest.MonkeyPatch, make_context
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WorkerMetrics, "record", fail)
    context = make_context([{}])
    assert worker.answer([{"body": b"200"}], context) == [b"{}"]
    assert context.statuses == [200]
    assert "OSError" in json_log.getvalue()


def test_a_worker_is_as_its_environment_wants_it(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, make_context
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    monkeypatch.setenv("RESAY_LOG_REQUESTS", "1")
    worker = Worker.of(service, IDENTITY)
    assert worker.metrics is None
    assert worker.logs_all
    context = make_context([{"url_path": "readyz"}])
    (body,) = worker.answer([{}], context)
    assert json.loads(body) == {
        "status": "ready",
        "ready": True,
        "model": "tiny",
        "model_sha": "0123456789ab",
        "checked": 0,
    }
