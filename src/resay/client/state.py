"""The plans of what a server says of itself."""

from __future__ import annotations

from typing import Any

from resay.client.actions import Call, Steps
from resay.client.errors import DeadlineError, ReplyError, RequestRefused, UnreachableError
from resay.client.exchange import Exchange
from resay.client.plan import Plan, single
from resay.client.refusals import RETRIED_STATUSES
from resay.client.replies import JSON_TYPE, read_json


def ready_plan(exchange: Exchange) -> Plan[bool, bool]:
    """Return the plan of `Client.ready`."""

    def ask() -> Steps[bool]:
        try:
            yield from exchange.ask(Call(exchange.settings.ready_url), max_retries=0)
        except (UnreachableError, DeadlineError):
            return False
        except RequestRefused as error:
            if error.status in RETRIED_STATUSES:
                return False
            raise
        return True

    return single(ask())


def describe_plan(exchange: Exchange, endpoint: str) -> Plan[dict[str, Any], dict[str, Any]]:
    """Return the plan of `Client.describe`."""

    def ask() -> Steps[dict[str, Any]]:
        url = exchange.settings.url(endpoint)
        headers = {"Content-Type": JSON_TYPE, "Accept": JSON_TYPE, "describe": "True"}
        reply = yield from exchange.ask(Call(url, b"{}", headers))  # the edge takes no GET there
        description = read_json(reply)
        if description.get("service") != endpoint:
            raise ReplyError(
                f"{url} did not describe itself; a proxy in between may have dropped the header 'describe'"
            )
        return description

    return single(ask())
