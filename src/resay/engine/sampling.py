"""From a request for samples to the latents that they start from."""

from dataclasses import replace

import numpy as np

from resay.engine.body import RawRequest
from resay.engine.card import ModelCard
from resay.engine.decoding import DecodingRequest
from resay.engine.decoding_cost import check_decoded_tokens
from resay.engine.latent_decoder import ancestral_settings, beam_settings
from resay.engine.latent_requests import DEFAULT_BEAMS, SampleRequest
from resay.engine.latents.priors import draw_latents
from resay.engine.limits import RequestLimits, model_bounds
from resay.errors import RequestError

LANGUAGE_MODEL_TEMPERATURE = 1.0
"""Of a plain language model, if not told: its own probabilities."""


def or_empty(request: RawRequest) -> RawRequest:
    """Return a request with the empty object in the place of nothing at all."""
    body = request.body
    is_blank = body is None or (isinstance(body, (str, bytes, bytearray, memoryview)) and not bytes_of(body).strip())
    return replace(request, body={}) if is_blank else request


def bytes_of(body: str | bytes | bytearray | memoryview) -> bytes:
    """Return the bytes of a body."""
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)


def check_sample(fields: SampleRequest, card: ModelCard, limits: RequestLimits) -> None:
    """Hold a request against the server and the model.

    Raises:
        RequestError: 413 ``too_many_items`` or ``too_many_tokens``; or 422 ``not_allowed``, for beams where there are
            none.
    """
    if fields.n > limits.max_items:
        raise RequestError(
            413,
            "too_many_items",
            f"n is {fields.n}, and at most {limits.max_items} sentences are drawn at once; send several requests,"
            " each with another seed",
            "n",
        )
    if fields.num_beams is not None and not card.latent_space.reads_sentence:
        raise RequestError(
            422,
            "not_allowed",
            f"num_beams is not read by this model (latent {card.latent}), a plain language model that draws word by"
            " word; leave it out",
            "num_beams",
        )
    check_decoded_tokens(fields, fields.n, limits, model_bounds(card))


def require_prior(card: ModelCard) -> None:
    """Check that there is something to sample from: a prior, or a plain language model.

    Raises:
        RequestError: 422 ``no_prior``.
    """
    space = card.latent_space
    if space.prior is None and space.reads_sentence:
        raise RequestError(
            422,
            "no_prior",
            f"this model (latent {card.latent}) has no prior to draw latents from; export it again beside its training"
            " corpus, or send latents to decode",
        )


def sampling_requests(fields: SampleRequest, card: ModelCard, max_new_tokens: int) -> list[DecodingRequest]:
    """Return n latents from the prior, and how to say each; a language model's are the same, drawn word by word.

    With the same seed the first ones are the same however many there are.
    """
    space, latent_size = card.latent_space, card.dimensions.latent_size
    if space.prior is None:
        latents = np.zeros((fields.n, latent_size), dtype=np.float32)
        settings = ancestral_settings(fields.temperature or LANGUAGE_MODEL_TEMPERATURE)
    else:
        latents = draw_latents(space.prior, fields.n, latent_size, fields.seed)
        beams = beam_settings(fields.num_beams or DEFAULT_BEAMS)
        settings = beams if fields.temperature is None else ancestral_settings(fields.temperature)
    seeds = np.random.SeedSequence(fields.seed).generate_state(fields.n).tolist()
    return [
        DecodingRequest(latent, settings, max_new_tokens=fields.max_new_tokens or max_new_tokens, seed=seed)
        for latent, seed in zip(latents, seeds, strict=True)
    ]
