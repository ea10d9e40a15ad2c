"""What a method of a client does: requests that may run at once, and how their answers are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from resay.client.actions import Steps
from resay.client.asking import ask_items
from resay.client.batches import Batch
from resay.client.errors import ItemsFailedError
from resay.client.exchange import Exchange
from resay.client.results import Failure

Part = TypeVar("Part")
Result = TypeVar("Result")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Plan(Generic[Part, Result]):
    """Requests, each as steps, and what to make of what they return."""

    jobs: Sequence[Steps[Part]]
    join: Callable[[Sequence[Part]], Result]


def single(job: Steps[Result]) -> Plan[Result, Result]:
    """Return the plan of one request, whose answer is the result."""
    return Plan([job], lambda parts: parts[0])


def items_plan(
    exchange: Exchange,
    endpoint: str,
    batches: Sequence[Batch],
    fields_of: Callable[[Batch], Mapping[str, object]],
    read_one: Callable[[dict[str, Any]], Item],
) -> Plan[list[Item | Failure], list[Item]]:
    """Return the plan that asks about batches, and has an answer for each input or raises `ItemsFailedError`."""
    return Plan([ask_items(exchange, endpoint, batch, fields_of, read_one) for batch in batches], join_items)


def join_items(parts: Sequence[Sequence[Item | Failure]]) -> list[Item]:
    """Return the answers of all parts.

    Raises:
        ItemsFailedError: There is a failure among them.
    """
    results = [item for part in parts for item in part]
    failures = [item for item in results if isinstance(item, Failure)]
    if failures:
        raise ItemsFailedError(failures, results, len(results))
    return [item for item in results if not isinstance(item, Failure)]
