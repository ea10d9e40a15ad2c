"""The replies as types, for the document; the engine writes them by hand, and the tests hold both together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from resay.engine.candidates import FilterReason
from resay.engine.paraphrases import FinishReason

Count = Annotated[int, Field(ge=0)]
LogProb = Annotated[float, Field(le=0, description="Mean natural log-probability of the tokens.")]


class Reply(BaseModel):
    """Nothing but its fields, and all of them."""

    model_config = ConfigDict(extra="forbid")


class ErrorDetail(Reply):
    """What is wrong with a request."""

    code: str
    message: str = Field(description="What was given, what is allowed and what to do; never a text of the request.")
    path: str = Field(description="Where in the request, such as `inputs` or `protect[0]`; empty for the whole.")


class Error(Reply):
    """A request that failed as a whole."""

    error: ErrorDetail


class InferenceError(Reply):
    """The same to a request of the Open Inference Protocol, which wants the message there."""

    error: str
    code: str
    path: str


class ItemErrorDetail(Reply):
    """What is wrong with an item."""

    code: str
    message: str


class FailedItem(Reply):
    """Stands in the place of an item that could not be answered; its mates are."""

    index: Count
    error: ItemErrorDetail


class TorchServeError(Reply):
    """What TorchServe's front end says by itself; the edge turns it into `Error`."""

    code: int
    type: str
    message: str


class Usage(Reply):
    """What was read of the items that were answered."""

    num_inputs: Count
    num_tokens: Count


class EmbeddingItem(Reply):
    """One text's embedding, or another reading of it."""

    index: Count
    embedding: list[float] | str = Field(description="Numbers, or base64 as `encoding_format` says.")
    num_tokens: Count = Field(description="Tokens that were read.")
    num_unknown: Count = Field(description="How many of these the model does not know.")
    truncated: bool = Field(description="Whether the text was cut.")


class EncodeReply(Reply):
    """Reply of encode; one item for each text, in their order."""

    model: str
    dimensions: Count
    data: list[EmbeddingItem | FailedItem]
    usage: Usage


class Candidate(Reply):
    """A paraphrase with its scores."""

    text: str
    similarity: float = Field(description="To the source, 1 at most.")
    novelty: float = Field(ge=0, le=1, description="Share of other words than the source's.")
    log_prob: LogProb
    score: float = Field(description="What the candidates are ordered by, the best first.")


class PlainCandidate(Reply):
    """A paraphrase, with `return_scores` false."""

    text: str


class ParaphraseItem(Reply):
    """One text's paraphrases."""

    index: Count
    candidates: list[Candidate] | list[PlainCandidate]
    finish_reason: FinishReason
    filtered: dict[FilterReason, Count] = Field(description="Hypotheses that were dropped, by reason.")


class ParaphraseReply(Reply):
    """Reply of paraphrase; one item for each text, in their order."""

    model: str
    data: list[ParaphraseItem | FailedItem]
    usage: Usage


class SentenceItem(Reply):
    """What the decoder says of one latent."""

    index: Count
    text: str
    log_prob: LogProb


class SentencesReply(Reply):
    """Reply of decode and sample; one item for each latent, in their order."""

    model: str
    data: list[SentenceItem | FailedItem]


class Step(Reply):
    """A sentence on the way between two."""

    text: str
    position: float = Field(ge=0, le=1, description="How far along the way it comes up first.")
    log_prob: LogProb


class StepsItem(Reply):
    """The sentences between those of one pair, both ends included."""

    index: Count
    steps: list[Step]


class StepsReply(Reply):
    """Reply of interpolate; one item for each pair, in their order."""

    model: str
    data: list[StepsItem | FailedItem]


class OpenAIEmbedding(EmbeddingItem):
    """One text's embedding, as OpenAI has it, and how much of the text was read."""

    object: Literal["embedding"]


class OpenAIUsage(Reply):
    """What was read, as OpenAI has it."""

    prompt_tokens: Count
    total_tokens: Count


class EmbeddingsReply(Reply):
    """Reply of the OpenAI embeddings API; a text that fails fails its request."""

    object: Literal["list"]
    data: list[OpenAIEmbedding]
    model: str
    usage: OpenAIUsage


class OpenAIModel(Reply):
    """The model that is served, as OpenAI has it."""

    id: str
    object: Literal["model"]
    created: Count = Field(description="Unix seconds; 0 if it is not known.")
    owned_by: str


class ModelList(Reply):
    """OpenAI's list of models: the one that is served."""

    object: Literal["list"]
    data: list[OpenAIModel]


class Ready(Reply):
    """A worker whose model gives what it gave when it was made."""

    status: Literal["ready"]
    ready: Literal[True] = Field(description="The same, for KServe's clients.")
    model: str
    model_sha: str
    checked: Count = Field(description="Sentences that were asked about.")


class Status(Reply):
    """An edge that is well."""

    status: Literal["alive", "ready"]


REPLIES: tuple[type[Reply], ...] = (
    EncodeReply,
    ParaphraseReply,
    SentencesReply,
    StepsReply,
    EmbeddingsReply,
    ModelList,
    Ready,
    Status,
    Error,
    InferenceError,
    TorchServeError,
)
"""Everything that may be the whole body of a reply."""
