"""Requests and replies to show: those of the released model, and errors in the engine's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson

from resay.engine.body import check_size, parse_json
from resay.engine.deadline import deadline_error
from resay.engine.dialects.openai_embeddings import OpenAIEmbeddings
from resay.engine.latents.packing import pack_floats
from resay.engine.limits import ModelBounds
from resay.engine.parsing import parse_fields
from resay.engine.replies import error_reply, internal_error
from resay.engine.requests import EncodeRequest
from resay.errors import RequestError
from resay.torchserve.exchange import form_error
from resay.torchserve.readyz import not_ready

MODEL = "yelp-soft-label"
_LATENT_SIZE = 256
_BOUNDS = ModelBounds(max_length=40, max_new_tokens=41, embedding_size=300)


class Exchange(NamedTuple):
    """A request's body, and that of its reply."""

    request: Mapping[str, Any]
    reply: Mapping[str, Any]


ENCODE = Exchange(
    {"inputs": ["The food was great, but the service was slow.", "   "], "dimensions": 4},
    {
        "model": MODEL,
        "dimensions": 4,
        "data": [
            {
                "index": 0,
                "embedding": [0.9763847, 0.20301123, 0.06848172, -0.027742261],
                "num_tokens": 11,
                "num_unknown": 0,
                "truncated": False,
            },
            {
                "index": 1,
                "error": {
                    "code": "empty_text",
                    "message": "the text has no word in it (3 characters, all white space or control characters);"
                    " send at least one word",
                },
            },
        ],
        "usage": {"num_inputs": 1, "num_tokens": 11},
    },
)
PARAPHRASE = Exchange(
    {"inputs": "The food was great, but the service was slow.", "n": 1},
    {
        "model": MODEL,
        "data": [
            {
                "index": 0,
                "candidates": [
                    {
                        "text": "The food was terrific, but the servicing was slowly.",
                        "similarity": 0.782956,
                        "novelty": 0.436364,
                        "log_prob": -0.345427,
                        "score": 0.680805,
                    },
                ],
                "finish_reason": "complete",
                "filtered": {
                    "unfinished": 0,
                    "empty": 0,
                    "number": 0,
                    "lost_span": 0,
                    "copy": 1,
                    "duplicate": 4,
                    "low_similarity": 0,
                },
            }
        ],
        "usage": {"num_inputs": 1, "num_tokens": 11},
    },
)
DECODE = Exchange(
    {"inputs": pack_floats(np.zeros(_LATENT_SIZE, dtype=np.float32)), "encoding_format": "base64"},
    {"model": MODEL, "data": [{"index": 0, "text": "Terrific tables!", "log_prob": -1.459305}]},
)
INTERPOLATE = Exchange(
    {"inputs": ["The room was clean and quiet.", "The food was great!"], "num_steps": 5},
    {
        "model": MODEL,
        "data": [
            {
                "index": 0,
                "steps": [
                    {"text": "The room was clean and quiet.", "position": 0.0, "log_prob": -0.320964},
                    {"text": "The room was spotless and good.", "position": 0.25, "log_prob": -0.447321},
                    {"text": "The hallway was terrific and.", "position": 0.5, "log_prob": -0.418126},
                    {"text": "The food was terrific!", "position": 0.75, "log_prob": -0.29225},
                    {"text": "The food was great!", "position": 1.0, "log_prob": -0.29727},
                ],
            }
        ],
    },
)
SAMPLE = Exchange(
    {"n": 2, "seed": 1},
    {
        "model": MODEL,
        "data": [
            {"index": 0, "text": "The quintessential meal in pittsburgh a fantastic.", "log_prob": -0.563249},
            {"index": 1, "text": "The fantastic restaurant, and their serve is very tasty.", "log_prob": -0.83391},
        ],
    },
)

EMBEDDINGS = Exchange(
    {"input": ["The food was great, but the service was slow."], "model": MODEL, "dimensions": 4},
    {
        "object": "list",
        "data": [{"object": "embedding", **ENCODE.reply["data"][0]}],
        "model": MODEL,
        "usage": {"prompt_tokens": 11, "total_tokens": 11},
    },
)
MODELS = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "resay"}]}
READY = {"status": "ready", "ready": True, "model": MODEL, "model_sha": "0123456789ab", "checked": 4}


def raised(call: Callable[[], object]) -> RequestError:
    """Return the error that a call raises."""
    try:
        call()
    except RequestError as error:
        return error
    raise AssertionError("nothing was refused")


def error_examples(max_body_bytes: int) -> Mapping[int, Mapping[str, Any]]:
    """Return the body of an error of each status that a worker answers, in the worker's own words."""
    errors = (
        raised(lambda: parse_json('{"inputs": ')),
        raised(lambda: OpenAIEmbeddings(MODEL).read({"input": "The food was great!", "model": "another-model"})),
        raised(lambda: check_size(max_body_bytes + 1, max_body_bytes)),
        form_error("application/x-www-form-urlencoded"),
        raised(lambda: parse_fields({"input": "The food was great!"}, EncodeRequest, _BOUNDS)),
        internal_error(),
        deadline_error(),
    )
    replies = [*map(error_reply, errors), not_ready("embedding differs by up to 3.1e-02, and 1e-05 is allowed")]
    return {reply.status: orjson.loads(reply.body) for reply in replies}


EDGE_ERRORS: Mapping[str, tuple[int, str]] = {
    "unauthorized": (
        401,
        'no valid API key came with this request; send it as "Authorization: Bearer KEY" or "X-Api-Key: KEY"',
    ),
    "not_found": (404, "nothing is served at this address; see the list of routes in docs/edge.md"),
    "method_not_allowed": (405, "this address takes another method; the header Allow names it"),
    "uri_too_long": (414, "the address is too long; send the texts in the body of a POST request"),
    "overloaded": (
        429,
        "the queue of requests is full; wait at least as long as the header Retry-After says, and then try again",
    ),
    "header_too_large": (431, "the headers of this request are too large; send fewer or shorter ones"),
}
"""One error of each status that the edge alone answers, in its own words, by code."""

KILLED = {"code": 507, "type": "InternalServerException", "message": "Worker died."}
"""What TorchServe says of requests whose worker was killed; no worker can say it."""


def examples_by_status(max_body_bytes: int) -> Mapping[int, Mapping[str, Any]]:
    """Return the body of an error of each status."""
    edge: dict[int, Mapping[str, Any]] = {
        status: {"error": {"code": code, "message": message, "path": ""}}
        for code, (status, message) in EDGE_ERRORS.items()
    }
    return {**edge, 507: KILLED, **error_examples(max_body_bytes)}
