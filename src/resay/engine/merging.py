"""Many requests answered in one go, without one of them being able to fail the others."""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from resay.engine.batching import cheapest_first
from resay.engine.body import RawRequest, check_size, read_body
from resay.engine.deadline import deadline_after, deadline_error, is_over
from resay.engine.dialects import Dialect, dialect_for, read_binary_body
from resay.engine.items import Item, ParsedRequest
from resay.engine.limits import RequestLimits
from resay.engine.parsing import Fields
from resay.engine.replies import RawReply, error_reply, internal_error
from resay.engine.work import count, timed
from resay.errors import RequestError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Procedure(Generic[Fields, Item, Result]):
    """How requests to an endpoint are answered.

    Attributes:
        endpoint: Its name.
        model: That of the model.
        limits: Of the server; the time limit counts from the arrival of requests that are answered together.
        parse: Reads the JSON value of one request.
        compute: Answers the items of several requests in one merged batch, each up to its request's deadline: what is
            not done by then gets an error of the status 504.
        render: Makes one request's reply, in which vectors may be arrays.
    """

    endpoint: str
    model: str
    limits: RequestLimits
    parse: Callable[[object], ParsedRequest[Fields, Item]]
    compute: Callable[[Sequence[ParsedRequest[Fields, Item]]], list[list[Result | RequestError]]]
    render: Callable[[Fields, Sequence[Result | RequestError]], Mapping[str, Any]]


def respond(raw_requests: Sequence[RawRequest], procedure: Procedure[Fields, Item, Result]) -> list[RawReply]:
    """Return one reply for each request, in their order; nothing is raised, and one bad request fails no other."""
    deadline = deadline_after(procedure.limits.time_limit_seconds)

    def answer(requests: Sequence[ParsedRequest[Fields, Item]]) -> list[RawReply]:
        results = procedure.compute(requests)
        with timed("serialize"):
            return [render_one(request, result, procedure) for request, result in zip(requests, results, strict=True)]

    def answer_one(request: ParsedRequest[Fields, Item]) -> RawReply:
        try:
            return answer([request])[0]
        except Exception as error:
            log_fault(error)
            return refuse(request.dialect, internal_error())

    count("requests", len(raw_requests))
    with timed("parse"):
        parsed = [parse_one(request, procedure, deadline) for request in raw_requests]
    requests = [request for request in parsed if isinstance(request, ParsedRequest)]
    try:
        replies = answer(requests) if requests else []
    except Exception as error:
        # Which request was it? Alone, only the one at fault fails.
        log_fault(error)
        replies = [answer_one(request) for request in requests]
    remaining = iter(replies)
    return [request if isinstance(request, RawReply) else next(remaining) for request in parsed]


def parse_one(
    request: RawRequest, procedure: Procedure[Fields, Item, Result], deadline: float
) -> ParsedRequest[Fields, Item] | RawReply:
    """Return a parsed request, or the reply that says why it cannot be: also to one whose sender has given up."""
    dialect = dialect_for(request, None, procedure.endpoint, procedure.model)
    try:
        if is_over(request.deadline):
            raise deadline_error()
        body = read_value(request, procedure.limits.max_body_bytes)
        dialect = dialect_for(request, body, procedure.endpoint, procedure.model)
        parsed = procedure.parse(dialect.read(body))
        parsed.deadline = min(deadline, request.deadline)
        parsed.dialect = dialect
        return parsed
    except RequestError as error:
        return refuse(dialect, error)
    except Exception as error:
        log_fault(error)
        return refuse(dialect, internal_error())


def refuse(dialect: Dialect, error: RequestError) -> RawReply:
    """Return the reply for a request that failed; should the dialect fail too, in our own form."""
    try:
        return dialect.write_error(error)
    except Exception as fault:
        log_fault(fault)
        return error_reply(internal_error())


def read_value(request: RawRequest, max_body_bytes: int) -> object:
    """Return the JSON value of a request's body, and in it whatever followed the JSON as bytes.

    Raises:
        RequestError: The body is too large, or is not what it should be.
    """
    if request.json_bytes is None or not isinstance(request.body, (bytes, bytearray)):
        return read_body(request, max_body_bytes)
    check_size(len(request.body), max_body_bytes)
    return read_binary_body(bytes(request.body), request.json_bytes)


def render_one(
    request: ParsedRequest[Fields, Item],
    results: Sequence[Result | RequestError],
    procedure: Procedure[Fields, Item, Result],
) -> RawReply:
    """Return a request's reply; one single text that failed fails its request."""
    try:
        check_complete(request, results)
        count_failed(results)
        return request.dialect.write(procedure.render(request.fields, results))
    except RequestError as error:
        return refuse(request.dialect, error)
    except Exception as error:  # what was computed for its batch mates is not thrown away for it
        log_fault(error)
        return refuse(request.dialect, internal_error())


def check_complete(request: ParsedRequest[Fields, Item], results: Sequence[Result | RequestError]) -> None:
    """Fail a request of one item that failed, or of a dialect that cannot say that only some did.

    Raises:
        RequestError: The first failed item's, with its place.
    """
    if request.is_list and request.dialect.item_errors:
        return
    for index, result in enumerate(results):
        if isinstance(result, RequestError):
            place = f"inputs[{index}]" if request.is_list else "inputs"
            raise RequestError(result.status, result.code, str(result), place)


def count_failed(results: Sequence[Result | RequestError]) -> None:
    """Count the items that failed in a request that did not, by code: no status tells of them."""
    for result in results:
        if isinstance(result, RequestError):
            count(f"failed.{result.code}")


def answer_cheapest_first(
    requests: Sequence[ParsedRequest[Fields, Item]],
    costs: Sequence[int],
    answer: Callable[[list[tuple[int, Item]]], Iterable[Result | RequestError]],
) -> list[list[Result | RequestError]]:
    """Answer the items of several requests, those of small requests first: they come before the deadline.

    Args:
        requests: What to answer.
        costs: Of each request.
        answer: Answers items, each with the place of its request among `requests`, in their order.
    """
    order = cheapest_first(costs)
    asked = [(index, item) for index in order for item in requests[index].items]
    answers = iter(answer([(index, item) for index, item in asked if not isinstance(item, RequestError)]))
    results = {index: spread(requests[index].items, answers) for index in order}
    return [results[index] for index in range(len(requests))]


def spread(
    items: Sequence[object | RequestError], results: Iterator[Result | RequestError]
) -> list[Result | RequestError]:
    """Put the next results in the places of the valid items, between the errors of the others."""
    return [item if isinstance(item, RequestError) else next(results) for item in items]


def log_fault(error: Exception) -> None:
    """Log where a fault happened; not its message, which may quote a user's text."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    logger.error("%s while answering a request, at %s", type(error).__name__, places)
