"""What goes back: the shapes of replies about texts, and of errors, as JSON bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

import numpy as np
import orjson
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.latents.packing import pack_bits, pack_floats
from resay.engine.paraphrases import Candidate, Paraphrases
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.errors import RequestError

CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class RawReply:
    """A reply for a front end to send: JSON in UTF-8, unless its content type says otherwise."""

    status: int
    body: bytes
    content_type: str = CONTENT_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


class ErrorBody(TypedDict):
    """What went wrong; `path` only for a whole request."""

    code: str
    message: str
    path: NotRequired[str]


class ErrorItem(TypedDict):
    """An item that could not be answered."""

    index: int
    error: ErrorBody


@dataclass(frozen=True, slots=True)
class SentenceVector:
    """What was read off one text, and how much of it was read, as in `EncodedSentence`."""

    vector: Float32[ndarray, " D"]
    num_tokens: int
    num_unknown: int
    truncated: bool


class EmbeddingItem(TypedDict):
    """One text's embedding, or other features: numbers, or base64 of little-endian float32 or of packed bits."""

    index: int
    embedding: Float32[ndarray, " D"] | str
    num_tokens: int
    num_unknown: int
    truncated: bool


class ParaphraseItemReply(TypedDict):
    """One text's paraphrases."""

    index: int
    candidates: list[dict[str, str | float]]
    finish_reason: str
    filtered: dict[str, int]


class Usage(TypedDict):
    """What was read: texts that were answered, and their tokens."""

    num_inputs: int
    num_tokens: int


def error_reply(error: RequestError) -> RawReply:
    """Return the reply for a request that failed as a whole."""
    body: ErrorBody = {"code": error.code, "message": str(error), "path": error.path}
    return RawReply(error.status, orjson.dumps({"error": body}))


def error_item(index: int, error: RequestError) -> ErrorItem:
    """Return what stands in a failed item's place."""
    return {"index": index, "error": {"code": error.code, "message": str(error)}}


def internal_error() -> RequestError:
    """Return the error for a fault of our own: it says nothing of the inside."""
    return RequestError(
        500, "internal_error", "the server failed on this request; the fault is its own, and it was logged"
    )


def encode_reply(
    model: str, num_dimensions: int, fields: EncodeRequest, results: Sequence[SentenceVector | RequestError]
) -> dict[str, Any]:
    """Return the reply of /predictions/encode, with vectors of so many components."""
    present = PACKED[fields.encoding_format]
    data: list[EmbeddingItem | ErrorItem] = []
    for index, result in enumerate(results):
        if isinstance(result, RequestError):
            data.append(error_item(index, result))
        else:
            data.append(
                {
                    "index": index,
                    "embedding": present(result.vector),
                    "num_tokens": result.num_tokens,
                    "num_unknown": result.num_unknown,
                    "truncated": result.truncated,
                }
            )
    return {"model": model, "dimensions": num_dimensions, "data": data, "usage": usage(results)}


PACKED: Mapping[str, Callable[[Float32[ndarray, " D"]], Float32[ndarray, " D"] | str]] = {
    "float": np.ascontiguousarray,
    "base64": pack_floats,
    "bits": pack_bits,
}
"""How a vector is written in each `encoding_format`."""


def paraphrase_reply(
    model: str, fields: ParaphraseRequest, results: Sequence[Paraphrases | RequestError]
) -> dict[str, Any]:
    """Return the reply of /predictions/paraphrase."""
    data: list[ParaphraseItemReply | ErrorItem] = []
    for index, result in enumerate(results):
        if isinstance(result, RequestError):
            data.append(error_item(index, result))
        else:
            data.append(
                {
                    "index": index,
                    "candidates": [present_candidate(item, fields) for item in result.candidates],
                    "finish_reason": result.finish_reason,
                    "filtered": {str(reason): count for reason, count in result.filtered.items()},
                }
            )
    return {"model": model, "data": data, "usage": usage(results)}


def present_candidate(candidate: Candidate, fields: ParaphraseRequest) -> dict[str, str | float]:
    """Return a candidate with or without its scores."""
    if not fields.return_scores:
        return {"text": candidate.text}
    return {
        "text": candidate.text,
        "similarity": round(candidate.similarity, 6),
        "novelty": round(candidate.novelty, 6),
        "log_prob": round(candidate.log_prob, 6),
        "score": round(candidate.score, 6),
    }


def usage(results: Sequence[SentenceVector | Paraphrases | RequestError]) -> Usage:
    """Count what was answered."""
    answered = [result for result in results if not isinstance(result, RequestError)]
    return {"num_inputs": len(answered), "num_tokens": sum(result.num_tokens for result in answered)}
