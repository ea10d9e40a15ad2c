"""The endpoints that can be served: one row each, and a handler file of the same name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from resay.engine.card import ModelCard
from resay.errors import SettingsError, unknown_name_message
from resay.torchserve.reply_checks import (
    NUM_PARAPHRASES,
    NUM_SAMPLES,
    NUM_STEPS,
    decode_problems,
    encode_problems,
    interpolate_problems,
    paraphrase_problems,
    sample_problems,
)
from resay.torchserve.subject import Payload, Subject, decode_request, never, no_latent_space, no_prior


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a start shows and checks of an endpoint. Its handler is ``handlers/NAME_handler.py``.

    Attributes:
        example: The request that a start shows.
        problems: What is wrong with the reply to it.
        refusal: The error code with which this model has to refuse the example; empty if it has to answer.
        bulk_of: The endpoint whose service this is once more, with a queue and workers of its own for large requests;
            empty for all others. Such a one is served only where it is named.
    """

    example: Callable[[Subject], Payload]
    problems: Callable[[Payload, Subject], list[str]]
    refusal: Callable[[ModelCard], str] = never
    bulk_of: str = ""


ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        "encode": Endpoint(lambda subject: {"inputs": subject.text}, encode_problems),
        "encode_bulk": Endpoint(lambda subject: {"inputs": subject.text}, encode_problems, bulk_of="encode"),
        "paraphrase": Endpoint(
            lambda subject: {"inputs": subject.text, "n": NUM_PARAPHRASES}, paraphrase_problems, no_latent_space
        ),
        "decode": Endpoint(decode_request, decode_problems, no_latent_space),
        "interpolate": Endpoint(
            lambda subject: {"inputs": [subject.text, subject.other_text], "num_steps": NUM_STEPS},
            interpolate_problems,
            no_latent_space,
        ),
        "sample": Endpoint(lambda subject: {"n": NUM_SAMPLES}, sample_problems, no_prior),
    }
)
DEFAULT_ENDPOINTS = tuple(name for name, row in ENDPOINTS.items() if not row.bulk_of)
"""What is served if nobody chooses."""
BULK_LANES: Mapping[str, str] = MappingProxyType({row.bulk_of: name for name, row in ENDPOINTS.items() if row.bulk_of})
"""By the endpoint whose large requests they take."""


def chosen_endpoints(names: Iterable[str]) -> tuple[str, ...]:
    """Return each endpoint named, once and in the order of the table.

    Raises:
        SettingsError: A name is none of the table's, or there is none.
    """
    wanted = set(names)
    for name in sorted(wanted):
        if name not in ENDPOINTS:
            raise SettingsError(unknown_name_message("endpoint", name, ENDPOINTS))
    if not wanted:
        raise SettingsError(f"no endpoint to serve; choose among: {', '.join(ENDPOINTS)}")
    return tuple(name for name in ENDPOINTS if name in wanted)
