import json
import math
from collections.abc import Callable

import pytest

from resay.engine import ModelCard, RawReply, RawRequest
from resay.engine.dialects import GRPC_TAIL
from resay.torchserve.exchange import Asked, Question, read_row, send
from resay.torchserve.request_headers import Moment, RequestHeaders

TAKEN = Moment(monotonic=1000.0, unix=1_700_000_000.0)


Ask = Callable[[dict[str, object], dict[str, object]], Asked]
Read = Callable[[dict[str, object], dict[str, object]], RawRequest]


@pytest.fixture
def ask(make_card: Callable[..., ModelCard]) -> Ask:
    return lambda row, headers: read_row(row, headers, TAKEN, "encode", make_card())


@pytest.fixture
def read(ask: Ask) -> Read:
    def read_request(row: dict[str, object], headers: dict[str, object]) -> RawRequest:
        asked = ask(row, headers)
        assert asked.is_request
        assert isinstance(asked.content, RawRequest)
        return asked.content

    return read_request


@pytest.fixture
def refusal(ask: Ask) -> Callable[[dict[str, object]], tuple[int, dict[str, str]]]:
    def refuse(headers: dict[str, object]) -> tuple[int, dict[str, str]]:
        reply = ask({"body": b"a"}, headers).content
        assert isinstance(reply, RawReply)
        return reply.status, json.loads(reply.body)

    return refuse


@pytest.mark.parametrize(
    ("headers", "content_type", "accept"),
    [
        ({"Content-Type": "application/json"}, "application/json", None),
        ({"content-type": "text/plain; charset=utf-8"}, "text/plain; charset=utf-8", None),
        ({"Accept": "*/*"}, None, "*/*"),
        ({"ACCEPT": "application/octet-stream"}, None, "application/octet-stream"),
        # TorchServe mixes the types of form fields in among the headers.
        ({"content-type": {"content-type": "image/png"}}, None, None),
    ],
)
def test_body_and_headers_go_to_the_engine_as_they_came(
    read: Read, headers: dict[str, object], content_type: str | None, accept: str | None
) -> None:
    expected = RawRequest(b"\x00[", content_type, accept)
    assert read({"body": bytearray(b"\x00[")}, headers) == expected


def test_a_request_without_a_body_is_an_empty_one(read: Read) -> None:
    assert read({}, {}) == RawRequest(b"")


@pytest.mark.parametrize(
    ("path", "tail"),
    [("/v1/embeddings", "v1/embeddings"), ("v1/embeddings/", "v1/embeddings"), ("", ""), ("/", ""), ({"x": "y"}, "")],
)
def test_the_tail_of_the_path_is_handed_over(read: Read, path: object, tail: str) -> None:
    assert read({"body": b"a"}, {"url_path": path}).tail == tail


def test_tensors_say_where_they_begin(read: Read) -> None:
    assert read({"body": b"{}1234"}, {"inference-header-content-length": "2"}).json_bytes == 2


def test_a_grpc_request_is_known_by_what_comes_with_it(read: Read) -> None:
    assert read({"body": b"{}"}, {"body": {"content-type": "application/json"}}).tail == GRPC_TAIL
    assert read({"data": b"hello"}, {"data": {"content-type": ""}}) == RawRequest(b"hello")


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8", "multipart/form-data"],
)
def test_a_form_is_refused(refusal, content_type: str) -> None:
    status, body = refusal({"Content-Type": content_type})
    error = body["error"]
    assert (status, error["code"]) == (415, "unsupported_media_type")
    assert "application/json" in error["message"]


def test_a_timeout_counts_from_the_arrival(read: Read) -> None:
    assert read({}, {}).deadline == math.inf
    assert read({}, {"x-request-timeout-ms": "250"}).deadline == 1000.25
    start = {"X-Request-Start": "t=1699999999.5"}
    assert read({}, {"X-REQUEST-TIMEOUT-MS": "250", **start}).deadline == 999.75


def test_a_bad_timeout_is_refused_by_its_name(refusal) -> None:
    status, body = refusal({"X-Request-Timeout-Ms": "soon"})
    error = body["error"]
    assert (status, error["code"], error["path"]) == (422, "wrong_type", "X-Request-Timeout-Ms")


def test_a_refusal_speaks_the_protocol_of_its_request(refusal) -> None:
    status, body = refusal({"X-Request-Timeout-Ms": "soon", "url_path": "v2/models/encode/infer"})
    assert status == 422
    assert body["error"].startswith("X-Request-Timeout-Ms must be")


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"describe": "True"}, Question.DESCRIPTION),
        ({"url_path": "/readyz"}, Question.READINESS),
        ({"url_path": "readyz", "describe": "True"}, Question.READINESS),
        ({"url_path": "v2/health/ready"}, Question.READINESS),
        ({"url_path": "v2/models/encode/ready"}, Question.READINESS),
    ],
)
def test_questions_about_the_worker_are_no_requests(ask: Ask, headers: dict[str, object], content: Question) -> None:
    asked = ask({}, headers)
    assert (asked.content, asked.is_request) == (content, False)


def test_questions_about_the_model_are_answered_at_once(ask: Ask) -> None:
    asked = ask({}, {"url_path": "v1/models"})
    assert isinstance(asked.content, RawReply)
    assert not asked.is_request
    assert json.loads(asked.content.body)["data"][0]["id"] == "tiny"


def test_a_field_of_a_form_asks_nothing(read: Read) -> None:
    assert read({"body": b"a"}, {"describe": {"x": "y"}, "url_path": {"x": "y"}}).body == b"a"


def test_each_reply_has_its_own_status_and_headers(make_context) -> None:
    context = make_context()
    content = RawRequest(b"")
    asked = [Asked(RequestHeaders(queue_seconds=0.0125), content), Asked(RequestHeaders(), content)]
    replies = [RawReply(200, b"a", "application/octet-stream", {"x-shape": "1,2"}), RawReply(413, b"b")]
    assert send(context, replies, asked, {"x-model-sha": "f00"}) == [b"a", b"b"]
    assert context.replies == {
        0: {
            "status": 200,
            "phrase": "OK",
            "content-type": "application/octet-stream",
            "x-model-sha": "f00",
            "x-queue-time-ms": "12.50",
            "x-shape": "1,2",
        },
        1: {
            "status": 413,
            "phrase": "Request Entity Too Large",
            "content-type": "application/json",
            "x-model-sha": "f00",
        },
    }
