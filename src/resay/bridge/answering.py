"""Between gRPC and the methods: bytes to messages, errors to codes, and a line in the log for what failed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from resay.bridge.call import Call, Context
from resay.bridge.methods import SERVICE, Method
from resay.bridge.statuses import code_of, details_of, error_metadata
from resay.engine.merging import log_fault
from resay.errors import RequestError
from resay.torchserve.json_log import LoggedRequest, log_request, logs_every_request
from resay.torchserve.request_headers import Moment, read_headers


def generic_handler(methods: Mapping[str, Method], timeout_seconds: float) -> grpc.GenericRpcHandler:
    """Return what a gRPC server is given; a call that is not in the table it answers with UNIMPLEMENTED itself."""
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(answering(method, timeout_seconds))
        for name, method in methods.items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, handlers)


def answering(method: Method, timeout_seconds: float) -> Callable[[bytes, Context], Awaitable[bytes]]:
    """Return what answers a call's bytes with bytes.

    Args:
        method: What is called.
        timeout_seconds: The most that a call may take.
    """

    async def answer(data: bytes, context: Context) -> bytes:
        start, call = time.monotonic(), Call.of(context, timeout_seconds)
        outcome = await outcome_of(method, data, call)
        failed = isinstance(outcome, RequestError)
        log_outcome(call, outcome if failed else None, time.monotonic() - start)
        if failed:
            metadata = {**call.told, **error_metadata(outcome)}
            await context.abort(code_of(outcome.status), details_of(outcome), tuple(metadata.items()))
        context.set_trailing_metadata(tuple(call.told.items()))
        reply: bytes = outcome.SerializeToString()
        return reply

    return answer


async def outcome_of(method: Method, data: bytes, call: Call) -> Any:  # noqa: ANN401 (a message, or an error)
    """Return the reply, or the error that stands for it; nothing else gets out, since a message may quote a text."""
    try:
        return await method.answer(method.request.FromString(data), call)
    except RequestError as error:
        return error
    except DecodeError:
        return RequestError(400, "invalid_message", "this is no message of the Open Inference Protocol")
    except Exception as error:
        log_fault(error)
        return RequestError(500, "internal_error", "the server failed on this call; the fault is its own")


def log_outcome(call: Call, error: RequestError | None, seconds: float) -> None:
    """Log a call as the workers log a request: if it failed by our fault, or if every one is asked for."""
    status = error.status if error else 200
    if status < 500 and not logs_every_request():
        return
    headers = read_headers(call.headers, Moment.now())
    id_of_torchserve = call.told.get("x-request-id", "")
    log_request(
        LoggedRequest(
            request_id=headers.request_id or id_of_torchserve,
            torchserve_id=id_of_torchserve,
            trace_id=headers.trace_id,
            status=status,
            code=error.code if error else "",
            seconds=seconds,
        )
    )
