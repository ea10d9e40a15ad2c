"""What the document says of each endpoint: one row each, in the order of `DEFAULT_ENDPOINTS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from resay.engine import DecodeService, EncodeService, InterpolateService, ParaphraseService, SampleService
from resay.engine.latent_requests import DecodeRequest, InterpolateRequest, SampleRequest
from resay.engine.request_fields import RequestFields
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.engine.service import Service
from resay.torchserve.openapi import examples
from resay.torchserve.openapi.replies import (
    EmbeddingsReply,
    EncodeReply,
    ParaphraseReply,
    Reply,
    SentencesReply,
    StepsReply,
)


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint's documentation.

    Attributes:
        summary: A line.
        service: What answers it.
        request: The type of its requests.
        reply: The type of its replies.
        example: A request and the reply to it.
    """

    summary: str
    service: type[Service]
    request: type[RequestFields]
    reply: type[Reply]
    example: examples.Exchange


ROWS: Mapping[str, Row] = MappingProxyType(
    {
        "encode": Row("Texts to vectors", EncodeService, EncodeRequest, EncodeReply, examples.ENCODE),
        "paraphrase": Row(
            "Texts to texts that mean the same",
            ParaphraseService,
            ParaphraseRequest,
            ParaphraseReply,
            examples.PARAPHRASE,
        ),
        "decode": Row("Latents to sentences", DecodeService, DecodeRequest, SentencesReply, examples.DECODE),
        "interpolate": Row(
            "The sentences on the way from one text to another",
            InterpolateService,
            InterpolateRequest,
            StepsReply,
            examples.INTERPOLATE,
        ),
        "sample": Row(
            "Sentences from the model's prior", SampleService, SampleRequest, SentencesReply, examples.SAMPLE
        ),
    }
)
EMBEDDINGS = Row(
    "The OpenAI embeddings API, for its own clients",
    EncodeService,
    EncodeRequest,
    EmbeddingsReply,
    examples.EMBEDDINGS,
)
"""Answered by encode; its requests have OpenAI's names besides those of the type."""
