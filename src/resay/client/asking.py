"""One batch, as steps: ask, and where the server finds it too large, ask for its halves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from resay.client.actions import Call, Reply, Steps
from resay.client.batches import Batch
from resay.client.errors import RequestRefused
from resay.client.exchange import Exchange
from resay.client.replies import JSON_TYPE, read_items
from resay.client.results import Failure

Item = TypeVar("Item")
Part = TypeVar("Part")


def post(exchange: Exchange, endpoint: str, body: bytes, accept: str = JSON_TYPE) -> Steps[Reply]:
    """Send a body to an endpoint; errors as for `Exchange.ask`."""
    headers = {"Content-Type": JSON_TYPE, "Accept": accept}
    return (yield from exchange.ask(Call(exchange.settings.url(endpoint), body, headers)))


def ask_items(
    exchange: Exchange,
    endpoint: str,
    batch: Batch,
    fields_of: Callable[[Batch], Mapping[str, object]],
    read_one: Callable[[dict[str, Any]], Item],
) -> Steps[list[Item | Failure]]:
    """Ask about a batch, and return an answer or a failure for each of its inputs."""

    def ask(part: Batch) -> Steps[list[Item | Failure]]:
        reply = yield from post(exchange, endpoint, part.body(fields_of(part)))
        return read_items(reply, len(part.items), part, read_one)

    def give_up(failure: Failure) -> list[Item | Failure]:
        return [failure]

    parts = yield from in_pieces(batch, ask, give_up)
    return [item for part in parts for item in part]


def in_pieces(
    batch: Batch, ask: Callable[[Batch], Steps[Part]], give_up: Callable[[Failure], Part]
) -> Steps[list[Part]]:
    """Ask about a batch; if the server finds it too large, about its halves.

    How much a server takes at once is its own affair, and it knows better than any number that is written down here.

    Args:
        batch: The inputs.
        ask: Asks about some of them.
        give_up: Makes a part of an input that is too large alone.
    """
    try:
        return [(yield from ask(batch))]
    except RequestRefused as error:
        if error.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        if len(batch.items) == 1:
            return [give_up(Failure(batch.places[0], error.code, error.message))]
    first, second = batch.halves()
    before = yield from in_pieces(first, ask, give_up)
    return before + (yield from in_pieces(second, ask, give_up))
