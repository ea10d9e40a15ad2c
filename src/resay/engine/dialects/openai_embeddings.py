"""The OpenAI embeddings API, as its clients speak it: https://platform.openai.com/docs/api-reference/embeddings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.foreign import (
    INPUTS,
    ProtocolError,
    as_object,
    check_names,
    option_names,
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
        given = as_object(body, INPUT)
        options = option_names("encode")
        check_names(given, [INPUT, "model", *IGNORED, *options])
        self._check_model(given.get("model"))
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

    def _check_model(self, model: object) -> None:
        """Refuse another model than the one that is served: its vectors would not compare with what the client has."""
        if model is not None and model != self.model:
            given = ascii(model)[:80] if isinstance(model, str) else "something that is no string"
            raise ProtocolError(
                404,
                "model_not_found",
                f"the model {given} is not served here; the one that is: {self.model!r}",
                "model",
            )


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
