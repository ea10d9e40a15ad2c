"""What a request may make the decoder say at most, counted before anything is computed."""

from collections.abc import Callable, Mapping
from typing import Any

from resay.engine.latent_requests import DEFAULT_BEAMS, DecodeRequest, InterpolateRequest, SampleRequest
from resay.engine.limits import ModelBounds, RequestLimits
from resay.engine.options import ParaphraseOptions
from resay.engine.request_fields import RequestFields
from resay.engine.requests import ParaphraseRequest
from resay.errors import RequestError


def paraphrase_hypotheses(fields: ParaphraseRequest, bounds: ModelBounds) -> int:
    """Return how many sentences are searched for to find n that are worth returning."""
    options = ParaphraseOptions(num_candidates=fields.n, strategy=fields.strategy, num_beams=fields.num_beams)
    return options.num_hypotheses


def decode_hypotheses(fields: DecodeRequest, bounds: ModelBounds) -> int:
    """Return the beams of a latent."""
    return fields.num_beams


def interpolate_hypotheses(fields: InterpolateRequest, bounds: ModelBounds) -> int:
    """Return the beams of all points of a way."""
    return (fields.num_steps or bounds.num_path_points) * fields.num_beams


def sample_hypotheses(fields: SampleRequest, bounds: ModelBounds) -> int:
    """Return the beams of a sentence; one that is drawn word by word has none."""
    return 1 if fields.temperature is not None else fields.num_beams or DEFAULT_BEAMS


HYPOTHESES: Mapping[type[RequestFields], Callable[[Any, ModelBounds], int]] = {
    ParaphraseRequest: paraphrase_hypotheses,
    DecodeRequest: decode_hypotheses,
    InterpolateRequest: interpolate_hypotheses,
    SampleRequest: sample_hypotheses,
}
"""How many hypotheses each item of a request costs; a request that is not here decodes nothing."""

CHEAPER = ("n", "num_steps", "num_beams", "max_new_tokens")
"""Fields whose smaller values make a request cheaper."""


def check_decoded_tokens(fields: RequestFields, num_items: int, limits: RequestLimits, bounds: ModelBounds) -> None:
    """Refuse a request that could keep the decoder busy for longer than anybody waits.

    Counted is what it may cost at worst: items × hypotheses of each × most tokens of one.

    Raises:
        RequestError: 413 ``too_many_tokens``.
    """
    hypotheses_of = HYPOTHESES.get(type(fields))
    if hypotheses_of is None:
        return
    num_hypotheses = hypotheses_of(fields, bounds)
    longest = getattr(fields, "max_new_tokens", None) or bounds.max_new_tokens
    num_tokens = num_items * num_hypotheses * longest
    if num_tokens > limits.max_decoded_tokens:
        raise RequestError(
            413,
            "too_many_tokens",
            f"items * hypotheses * longest sentence, {num_items} * {num_hypotheses} * {longest}, are {num_tokens}"
            f" tokens to decode, and at most {limits.max_decoded_tokens} are taken; send several requests, or less of:"
            f" {', '.join(name for name in CHEAPER if name in type(fields).model_fields)}",
        )
