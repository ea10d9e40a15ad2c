"""The OpenAI embeddings API, as its clients speak it: https://platform.openai.com/docs/api-reference/embeddings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.foreign import (
    INPUTS,
    ProtocolError,
    check_model,
    option_names,
    read_object,
    translated,
)
from resay.engine.replies import RawReply, error_reply
from resay.errors import RequestError

TAIL = "v1/embeddings"
INPUT = "input"
IGNORED = ("user",)
"""For the statistics of whoever bills; nothing is kept of it."""


@dataclass(frozen=True, slots=True)
class OpenAIEmbeddings:
    """One request for embeddings.

    Attributes:
        model: The name of the model that is served.
    """

    item_errors: ClassVar[bool] = False

    model: str

    def read(self, body: object) -> object:
        """Return our own request: `input` is `inputs`, our options are taken too.

        Raises:
            ProtocolError: For token ids, an unknown field, another model, or without `input`.
        """
        options = option_names("encode")
        given = read_object(body, INPUT, ["model", *IGNORED, *options])
        check_model(given, "model", self.model)
        check_is_text(given[INPUT])
        return {INPUTS: given[INPUT], **{name: given[name] for name in options if given.get(name) is not None}}

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return a list of embeddings; each says besides how much of its text was read."""
        num_tokens = reply["usage"]["num_tokens"]
        foreign = {
            "object": "list",
            "data": [{"object": "embedding", **item} for item in reply["data"]],
            "model": reply["model"],
            "usage": {"prompt_tokens": num_tokens, "total_tokens": num_tokens},
        }
        return RawReply(200, orjson.dumps(foreign, option=orjson.OPT_SERIALIZE_NUMPY))

    def write_error(self, error: RequestError) -> RawReply:
        """Return the error; OpenAI's clients read `code` and `message` of it."""
        return error_reply(translated(error, INPUT))


def check_is_text(given: object) -> None:
    """Refuse token ids: they are those of another vocabulary.

    Raises:
        ProtocolError: 422 ``wrong_type``.
    """
    first = given[0] if isinstance(given, list) and given else None
    if isinstance(first, (int, float, list)):
        raise ProtocolError(
            422,
            "wrong_type",
            "input must be a text or a list of texts: token ids are of the vocabulary of another model; send the texts"
            " themselves (LangChain's OpenAIEmbeddings does with check_embedding_ctx_length=False)",
            INPUT,
        )
