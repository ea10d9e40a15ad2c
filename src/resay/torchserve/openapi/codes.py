"""Every code that an error may have, with its status and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Origin = Literal["worker", "edge"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A row of the table.

    Attributes:
        code: Stable and machine-readable.
        status: HTTP status, of the reply or of the item.
        meaning: What is wrong, for whoever reads the document.
        origin: Who says so; what a worker says, the edge passes on.
    """

    code: str
    status: int
    meaning: str
    origin: Origin = "worker"


ERROR_CODES: tuple[ErrorCode, ...] = (
    ErrorCode("invalid_json", 400, "the body is not JSON, or it is cut off"),
    ErrorCode("not_utf8", 400, "the body is not UTF-8"),
    ErrorCode("invalid_binary", 400, "the binary part of an Open Inference request is not what its JSON part says"),
    ErrorCode("bad_request", 400, "this is no HTTP request", "edge"),
    ErrorCode("tls_required", 400, "this port speaks TLS alone", "edge"),
    ErrorCode("unauthorized", 401, "no API key, or none that is known", "edge"),
    ErrorCode("not_found", 404, "nothing is served at this address", "edge"),
    ErrorCode("model_not_found", 404, "a request of another protocol names another model than the one that is served"),
    ErrorCode("method_not_allowed", 405, "this address takes another method, which Allow names", "edge"),
    ErrorCode("body_too_large", 413, "more bytes than max_body_bytes"),
    ErrorCode("too_many_items", 413, "more texts, latents, pairs or samples than max_items"),
    ErrorCode("too_many_tokens", 413, "items * hypotheses * tokens of each exceed max_decoded_tokens"),
    ErrorCode("uri_too_long", 414, "the address is too long", "edge"),
    ErrorCode("unsupported_media_type", 415, "a form, as curl -d sends it without a content type"),
    ErrorCode("missing_field", 422, "a field that is needed is not there"),
    ErrorCode("unknown_field", 422, "a field that this endpoint has not"),
    ErrorCode("wrong_type", 422, "a value of another type"),
    ErrorCode("out_of_range", 422, "a value too small or too great, here or with this model"),
    ErrorCode("not_allowed", 422, "a value that is none of those allowed, or that another field leaves no meaning"),
    ErrorCode("not_found", 422, "a span to protect that stands in none of the texts"),
    ErrorCode("no_inputs", 422, "an empty list"),
    ErrorCode("empty_text", 422, "a text without a word"),
    ErrorCode("too_long", 422, "a text of more characters than max_characters, or of more tokens than the model reads"),
    ErrorCode("no_known_words", 422, "a text of which the model knows no word"),
    ErrorCode("wrong_length", 422, "a latent of another size, or a pair that is none"),
    ErrorCode("not_base64", 422, "a latent that should be base64 and is not"),
    ErrorCode("no_sentence", 422, "a latent so far from all sentences that the decoder finds none for it"),
    ErrorCode("too_many_steps", 422, "two texts whose way has more points than are decoded; give num_steps"),
    ErrorCode("no_latent_space", 422, "this model is a plain language model"),
    ErrorCode("no_prior", 422, "this model has nothing to draw samples from"),
    ErrorCode("rate_limited", 429, "more requests than this key may send; wait as long as Retry-After says", "edge"),
    ErrorCode("overloaded", 429, "the queue is full; wait as long as Retry-After says", "edge"),
    ErrorCode("header_too_large", 431, "the headers are too large", "edge"),
    ErrorCode("internal_error", 500, "a fault of the server's own; nothing of the request is logged"),
    ErrorCode("not_ready", 503, "readyz: the model does not give what it gave when it was made"),
    ErrorCode("unavailable", 503, "TorchServe cannot be reached, or the worker has just died", "edge"),
    ErrorCode("deadline", 504, "the time was over before this was done"),
)
"""By status. An item that fails alone has the code of a 422 or 504 in its place."""


def codes_of(status: int, *origins: Origin) -> tuple[ErrorCode, ...]:
    """Return the rows of a status that any of these may say."""
    return tuple(row for row in ERROR_CODES if row.status == status and row.origin in origins)
