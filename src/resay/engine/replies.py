"""What goes back: the shapes of both replies, and of errors, as JSON bytes."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import numpy as np
import orjson
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.encoder import EncodedSentence, unit_length
from resay.engine.paraphrases import Candidate, Paraphrases
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.errors import RequestError

CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class RawReply:
    """A reply for a front end to send: its status, and its body, which is always JSON in UTF-8."""

    status: int
    body: bytes
    content_type: str = CONTENT_TYPE


class ErrorBody(TypedDict):
    """What went wrong; `path` only for a whole request."""

    code: str
    message: str
    path: NotRequired[str]


class ErrorItem(TypedDict):
    """An item that could not be answered."""

    index: int
    error: ErrorBody


class EmbeddingItem(TypedDict):
    """One text's embedding: numbers, or base64 of little-endian float32."""

    index: int
    embedding: Float32[ndarray, " E"] | str
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
    model: str, embedding_size: int, fields: EncodeRequest, results: Sequence[EncodedSentence | RequestError]
) -> RawReply:
    """Return the reply of /predictions/encode."""
    num_dimensions = fields.dimensions or embedding_size
    data: list[EmbeddingItem | ErrorItem] = []
    for index, result in enumerate(results):
        if isinstance(result, RequestError):
            data.append(error_item(index, result))
        else:
            data.append(
                {
                    "index": index,
                    "embedding": present(result.embedding[:num_dimensions], fields),
                    "num_tokens": result.num_tokens,
                    "num_unknown": result.num_unknown,
                    "truncated": result.truncated,
                }
            )
    reply = {"model": model, "dimensions": num_dimensions, "data": data, "usage": usage(results)}
    return RawReply(200, orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY))


def present(embedding: Float32[ndarray, " E"], fields: EncodeRequest) -> Float32[ndarray, " E"] | str:
    """Return an embedding in the form that was asked for."""
    if fields.normalize:
        embedding = unit_length(embedding)
    if fields.encoding_format == "base64":
        return base64.b64encode(embedding.astype("<f4").tobytes()).decode("ascii")
    return np.ascontiguousarray(embedding)


def paraphrase_reply(model: str, fields: ParaphraseRequest, results: Sequence[Paraphrases | RequestError]) -> RawReply:
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
    return RawReply(200, orjson.dumps({"model": model, "data": data, "usage": usage(results)}))


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


def usage(results: Sequence[EncodedSentence | Paraphrases | RequestError]) -> Usage:
    """Count what was answered."""
    answered = [result for result in results if not isinstance(result, RequestError)]
    return {"num_inputs": len(answered), "num_tokens": sum(result.num_tokens for result in answered)}
