"""Asking a resay server from Python: `Client`, `AsyncClient`, and `Embeddings` for LangChain.

Needs the extra ``client`` (httpx), which is looked for when a client is made, not when this is imported.
"""

from resay.client.async_client import AsyncClient
from resay.client.client import Client
from resay.client.clock import Clock
from resay.client.embeddings import Embeddings
from resay.client.errors import (
    ClientError,
    DeadlineError,
    ItemsFailedError,
    ReplyError,
    RequestRefused,
    UnreachableError,
)
from resay.client.results import Candidate, EncodedText, Failure, Paraphrases, Sentence, Step

__all__ = [
    "AsyncClient",
    "Candidate",
    "Client",
    "ClientError",
    "Clock",
    "DeadlineError",
    "Embeddings",
    "EncodedText",
    "Failure",
    "ItemsFailedError",
    "Paraphrases",
    "ReplyError",
    "RequestRefused",
    "Sentence",
    "Step",
    "UnreachableError",
]
