"""Calls from a context to a backend and back: metadata, deadlines, limits, errors, and what is logged of them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest

from resay.bridge import open_inference_pb2 as messages
from resay.bridge.answering import answering
from resay.bridge.call import Call, passed_on, sendable
from resay.bridge.methods import Method, Methods
from resay.bridge.statuses import CODES, code_of, details_of, read_error
from resay.engine.dialects.binary_tensors import JSON_SIZE_HEADER, pack_texts
from resay.errors import RequestError

INFER = "/predictions/encode/1.0/v2/models/encode/infer"
MARK = "Zaunkoenig"


class AbortedError(Exception):
    pass


class FakeContext:
    """gRPC's context of a call, as far as it is used."""

    def __init__(self, remaining: float | None = None, *metadata: tuple[str, str | bytes]) -> None:
        self.remaining, self.metadata = remaining, metadata
        self.trailing: dict[str, str] = {}
        self.code: grpc.StatusCode | None = None
        self.details = ""

    def invocation_metadata(self) -> Any:
        return self.metadata

    def time_remaining(self) -> float | None:
        return self.remaining

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self.trailing = dict(trailing_metadata)

    async def abort(self, code: Any, details: str, trailing_metadata: Any) -> Any:
        self.code, self.details, self.trailing = code, details, dict(trailing_metadata)
        raise AbortedError


def infer_request(texts: list[str] | None = None) -> bytes:
    texts = ["good", "bad"] if texts is None else texts
    request = messages.ModelInferRequest(model_name="encode", raw_input_contents=[pack_texts(texts)])
    request.inputs.add(name="text", datatype="BYTES", shape=[len(texts)])
    data: bytes = request.SerializeToString()
    return data


def run(asked, name: str, data: bytes, context: FakeContext, **settings: Any) -> bytes | None:
    """Answer a call; None if it was aborted."""

    async def answer() -> bytes | None:
        backend = asked.open(**settings)
        method = Methods(backend, settings.get("routes", "torchserve")).table()[name]
        try:
            return await answering(method, settings.get("timeout_seconds", 60.0))(data, context)
        except AbortedError:
            return None
        finally:
            await backend.close()

    return asyncio.run(answer())


@pytest.fixture
def infers(asked, packed):
    """A backend that answers ModelInfer."""
    body, length = packed
    headers = {JSON_SIZE_HEADER: str(length), "x-model-sha": "0123456789ab", "x-request-id": "theirs"}
    asked.answers[INFER] = lambda request: httpx.Response(200, content=body, headers=headers)
    return asked


class TestHeaders:
    def test_metadata_go_out_and_come_back(self, infers) -> None:
        context = FakeContext(
            None,
            ("authorization", "Bearer key"),
            ("x-request-id", "mine"),
            ("traceparent", "00-1"),
            ("cookie", "secret"),
            ("user-agent", "grpc-python"),
        )
        assert run(infers, "ModelInfer", infer_request(), context)
        (request,) = infers.requests
        sent = {"authorization": "Bearer key", "x-request-id": "mine", "traceparent": "00-1"}
        assert {name: request.headers[name] for name in sent} == sent
        assert "cookie" not in request.headers
        assert request.headers["user-agent"].startswith("resay/")
        assert request.headers["content-type"] == "application/octet-stream"
        assert int(request.headers[JSON_SIZE_HEADER]) < len(request.content)
        assert context.trailing == {"x-model-sha": "0123456789ab", "x-request-id": "theirs"}

    def test_only_what_a_header_can_be_passes(self) -> None:
        assert passed_on([("x-request-id", b"bytes"), ("traceparent", "t"), ("te", "trailers")]) == {"traceparent": "t"}
        assert sendable({"a": "ok", "b": "", "c": "naïve", "d": "two\nlines"}) == {"a": "ok"}

    @pytest.mark.parametrize(
        ("remaining", "timeout", "least", "most"),
        [(2.5, 60.0, 1500, 2500), (None, 5.0, 4000, 5000), (99.0, 5.0, 4000, 5000)],
    )
    def test_the_deadline_goes_out(
        self, infers, remaining: float | None, timeout: float, least: int, most: int
    ) -> None:
        assert run(infers, "ModelInfer", infer_request(), FakeContext(remaining), timeout_seconds=timeout)
        assert least <= int(infers.requests[0].headers["X-Request-Timeout-Ms"]) <= most

    def test_a_deadline_that_is_past_is_a_millisecond(self, make_call: Callable[..., Call]) -> None:
        assert make_call(-1.0).seconds_left() == 0.001


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "INVALID_ARGUMENT"),
            (401, "UNAUTHENTICATED"),
            (404, "NOT_FOUND"),
            (413, "RESOURCE_EXHAUSTED"),
            (422, "INVALID_ARGUMENT"),
            (429, "RESOURCE_EXHAUSTED"),
            (500, "INTERNAL"),
            (503, "UNAVAILABLE"),
            (504, "DEADLINE_EXCEEDED"),
            (507, "UNAVAILABLE"),
            (418, "UNKNOWN"),
        ],
    )
    def test_statuses_become_codes(self, asked, error_body: bytes, status: int, code: str) -> None:
        asked.answers[INFER] = lambda request: httpx.Response(status, content=error_body, headers={"retry-after": "1"})
        context = FakeContext()
        assert run(asked, "ModelInfer", infer_request(), context) is None
        assert context.code == grpc.StatusCode[code]
        assert context.details == "inputs[0].data[1]: no words"
        assert context.trailing == {
            "retry-after": "1",
            "x-error-code": "empty_text",
            "x-error-path": "inputs[0].data[1]",
        }

    def test_no_error_is_taken_for_ok(self) -> None:
        assert grpc.StatusCode.OK not in CODES.values()
        assert code_of(302) == grpc.StatusCode.UNKNOWN

    @pytest.mark.parametrize(
        ("body", "code", "message"),
        [
            (b'{"error": {"code": "no_inputs", "message": "none", "path": "inputs"}}', "no_inputs", "none"),
            (b'{"code": 404, "type": "ModelNotFoundException", "message": "gone"}', "http_503", "gone"),
            (b"<html>", "http_503", "HTTP status 503"),
            (b"", "http_503", "HTTP status 503"),
            (b"[1]", "http_503", "HTTP status 503"),
            (b'{"error": {"message": ["odd"]}}', "http_503", "HTTP status 503"),
        ],
    )
    def test_errors_of_every_form_are_read(self, body: bytes, code: str, message: str) -> None:
        error = read_error(503, body)
        assert (error.status, error.code) == (503, code)
        assert message in str(error)

    def test_a_redirection_is_an_error(self, asked) -> None:
        asked.answers[INFER] = lambda request: httpx.Response(302, headers={"location": "http://elsewhere"})
        context = FakeContext()
        assert run(asked, "ModelInfer", infer_request(), context) is None
        assert context.code == grpc.StatusCode.INTERNAL
        assert len(asked.requests) == 1

    def test_long_messages_are_cut(self) -> None:
        assert len(details_of(RequestError(422, "x", "a" * 5000, "inputs"))) == 1000

    def test_no_message_of_the_protocol(self, asked) -> None:
        context = FakeContext()
        assert run(asked, "ModelInfer", b"\xff\xff\xff", context) is None
        assert context.code == grpc.StatusCode.INVALID_ARGUMENT
        assert asked.requests == []

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (httpx.ConnectError, "UNAVAILABLE"),
            (httpx.ConnectTimeout, "UNAVAILABLE"),
            (httpx.RemoteProtocolError, "UNAVAILABLE"),
            (httpx.ReadTimeout, "DEADLINE_EXCEEDED"),
        ],
    )
    def test_a_backend_that_does_not_answer(self, asked, error: type[httpx.TransportError], code: str) -> None:
        def fail(request: httpx.Request) -> httpx.Response:
            raise error("10.0.0.7 says no", request=request)

        asked.answers[INFER] = fail
        context = FakeContext()
        assert run(asked, "ModelInfer", infer_request(), context) is None
        assert context.code == grpc.StatusCode[code]
        assert "10.0.0.7" not in context.details

    def test_a_reply_has_a_largest_size(self, infers) -> None:
        context = FakeContext()
        assert run(infers, "ModelInfer", infer_request(), context, max_message_bytes=100) is None
        assert context.code == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "100 bytes" in context.details

    def test_a_fault_is_told_and_logged_without_texts(self, caplog: pytest.LogCaptureFixture) -> None:
        async def fail(request: Any, call: Call) -> Any:
            raise ValueError(f"cannot read {MARK}")

        context = FakeContext(None, ("x-request-id", "mine"))
        method = Method(messages.ModelInferRequest, fail)
        with caplog.at_level(logging.INFO, "resay"), pytest.raises(AbortedError):
            asyncio.run(answering(method, 60.0)(infer_request([MARK]), context))
        assert context.code == grpc.StatusCode.INTERNAL
        assert MARK not in context.details
        assert MARK not in caplog.text
        fault, request = caplog.records
        assert "ValueError" in fault.getMessage()
        told = request.told
        assert (told.request_id, told.status, told.code) == ("mine", 500, "internal_error")


class TestQuestions:
    @pytest.mark.parametrize(
        ("encode", "paraphrase", "ready"),
        [(200, 200, True), (200, 404, True), (200, 503, False), (404, 404, False), (503, 503, False)],
    )
    def test_server_is_ready_if_all_that_is_there_is(self, asked, encode: int, paraphrase: int, ready: bool) -> None:
        for model, status in (("encode", encode), ("paraphrase", paraphrase)):
            asked.answers[f"/predictions/{model}/1.0/readyz"] = lambda request, status=status: httpx.Response(status)
        reply = run(asked, "ServerReady", b"", FakeContext())
        assert messages.ServerReadyResponse.FromString(reply).ready == ready

    def test_a_model_that_is_not_served_is_not_found(self, asked) -> None:
        context = FakeContext()
        data = messages.ModelReadyRequest(name="encode").SerializeToString()
        assert run(asked, "ModelReady", data, context) is None
        assert context.code == grpc.StatusCode.NOT_FOUND

    def test_who_may_not_ask_is_told_so(self, asked) -> None:
        asked.answers["/predictions/encode/1.0/readyz"] = lambda request: httpx.Response(401)
        context = FakeContext()
        data = messages.ModelReadyRequest(name="encode").SerializeToString()
        assert run(asked, "ModelReady", data, context) is None
        assert context.code == grpc.StatusCode.UNAUTHENTICATED

    def test_the_edge_has_its_own_addresses(self, asked, packed) -> None:
        body, length = packed
        asked.answers = {
            "/livez": lambda request: httpx.Response(200),
            "/readyz": lambda request: httpx.Response(200),
            "/encode": lambda request: httpx.Response(200, content=body, headers={JSON_SIZE_HEADER: str(length)}),
        }
        settings = {"routes": "edge", "backend": "https://edge.example:8443"}
        assert messages.ServerLiveResponse.FromString(run(asked, "ServerLive", b"", FakeContext(), **settings)).live
        assert messages.ServerReadyResponse.FromString(run(asked, "ServerReady", b"", FakeContext(), **settings)).ready
        assert run(asked, "ModelInfer", infer_request(), FakeContext(), **settings)
        assert [str(request.url) for request in asked.requests] == [
            f"https://edge.example:8443/{path}" for path in ("livez", "readyz", "encode")
        ]
        context = FakeContext()
        data = messages.ModelMetadataRequest(name="encode").SerializeToString()
        assert run(asked, "ModelMetadata", data, context, **settings) is None
        assert context.code == grpc.StatusCode.UNIMPLEMENTED
