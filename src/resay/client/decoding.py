"""The plans of what gives sentences."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.client.actions import Steps
from resay.client.asking import post
from resay.client.batches import Batch, body, checked_text, cut, json_text, listed
from resay.client.exchange import Exchange
from resay.client.plan import Plan, items_plan, join_items, single
from resay.client.replies import read_items, read_paraphrases, read_sentence, read_steps
from resay.client.results import Failure, Paraphrases, Sentence, Step
from resay.client.vectors import BASE64
from resay.errors import SettingsError

MAX_BATCH_SIZE = 16
"""Of inputs that each cost a search: 64 in one request could outlast the server's time limit."""


def cut_small(exchange: Exchange, items: Iterable[bytes]) -> list[Batch]:
    """Cut inputs into batches of what decodes."""
    return cut(items, min(exchange.settings.batch_size, MAX_BATCH_SIZE))


def paraphrase_plan(
    exchange: Exchange,
    texts: str | Iterable[str],
    protect: Sequence[str],
    fields: Mapping[str, object],
    options: Mapping[str, object] | None,
) -> Plan[list[Paraphrases | Failure], list[Paraphrases]]:
    """Return the plan of `Client.paraphrase`.

    A server refuses spans that stand in none of a request's texts, so that each batch is sent with its own alone.
    """
    taken = {*fields, "inputs", "protect", "return_scores"}.intersection(options or {})
    if taken:
        raise SettingsError(f"options must not hold {', '.join(sorted(taken))}, which the client sets itself")
    given = listed(texts)
    items = map(json_text, given)
    check_protect(protect, given)

    def fields_of(batch: Batch) -> Mapping[str, object]:
        spans = [span for span in protect if any(span.strip() in given[place] for place in batch.places)]
        return {**fields, **(options or {}), "protect": spans or None}

    return items_plan(exchange, "paraphrase", cut_small(exchange, items), fields_of, read_paraphrases)


def check_protect(protect: Sequence[str], texts: Sequence[str]) -> None:
    """Let spans pass that each stand in one of the texts.

    Raises:
        SettingsError: One stands in none, which may be a slip of the pen; or it is a text in the place of a list.
    """
    if isinstance(protect, str):
        raise SettingsError(f"protect must be a list of spans; write [{protect!r}]")
    for place, span in enumerate(protect):
        if texts and not any(span.strip() in text for text in texts):
            raise SettingsError(
                f"protect[{place}] stands in none of the texts; spans are looked for as they are written"
            )


def decode_plan(
    exchange: Exchange, latents: Float32[ndarray, "*B Z"], fields: Mapping[str, object]
) -> Plan[list[Sentence | Failure], list[Sentence]]:
    """Return the plan of `Client.decode`."""
    rows = np.atleast_2d(latents).astype("<f4")
    if rows.ndim != 2:
        raise SettingsError(f"latents must have one axis or two, [Z] or [B, Z]; got {latents.shape}")
    items = [b'"' + base64.b64encode(row.tobytes()) + b'"' for row in rows]
    return items_plan(exchange, "decode", cut_small(exchange, items), lambda _: {**fields, **BASE64}, read_sentence)


def interpolate_plan(
    exchange: Exchange, pairs: Iterable[tuple[str, str]], fields: Mapping[str, object]
) -> Plan[list[tuple[Step, ...] | Failure], list[tuple[Step, ...]]]:
    """Return the plan of `Client.interpolate`."""
    batches = cut_small(exchange, [json_pair(pair, place) for place, pair in enumerate(pairs)])
    return items_plan(exchange, "interpolate", batches, lambda _: fields, read_steps)


def json_pair(pair: object, place: int) -> bytes:
    """Return two texts as JSON.

    Raises:
        SettingsError: They are not two texts.
    """
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise SettingsError(f"pairs[{place}] must be two texts")
    first, second = (json_text(checked_text(text, f"pairs[{place}][{side}]")) for side, text in enumerate(pair))
    return b"[" + first + b"," + second + b"]"


def sample_plan(exchange: Exchange, n: int, fields: Mapping[str, object]) -> Plan[list[Sentence], list[Sentence]]:
    """Return the plan of `Client.sample`: one request, since another would draw the same."""

    def ask() -> Steps[list[Sentence]]:
        reply = yield from post(exchange, "sample", body({"n": n, **fields}))
        return join_items([read_items(reply, n, None, read_sentence)])

    return single(ask())
