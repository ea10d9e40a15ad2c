"""KServe's first protocol, which is TensorFlow Serving's: instances in, predictions out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.foreign import (
    INPUTS,
    ProtocolError,
    option_names,
    read_object,
    translated,
)
from resay.engine.replies import RawReply, error_reply
from resay.errors import RequestError

INSTANCES = "instances"
EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class KServeV1:
    """One prediction.

    Attributes:
        endpoint: Who is asked.
    """

    item_errors: ClassVar[bool] = False

    endpoint: str

    @staticmethod
    def speaks(body: object) -> bool:
        """Return whether a body is one of this protocol."""
        return isinstance(body, dict) and INSTANCES in body

    def read(self, body: object) -> object:
        """Return our own request: `instances` are `inputs`, and what stands beside them are our options.

        Raises:
            ProtocolError: For an unknown field, or if the instances are no list.
        """
        options = option_names(self.endpoint)
        given = read_object(body, INSTANCES, options)
        if not isinstance(given[INSTANCES], list):
            raise ProtocolError(422, "wrong_type", f"{INSTANCES} must be a list", INSTANCES)
        return {INPUTS: given[INSTANCES], **{name: given[name] for name in options if name in given}}

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return one prediction for each instance: its vector, or what else our own reply says of it."""
        predictions = [prediction_of(item) for item in reply["data"]]
        return RawReply(200, orjson.dumps({"predictions": predictions}, option=orjson.OPT_SERIALIZE_NUMPY))

    def write_error(self, error: RequestError) -> RawReply:
        """Return the error."""
        return error_reply(translated(error, INSTANCES))


def prediction_of(item: Mapping[str, Any]) -> object:
    """Return what is predicted for one instance."""
    if EMBEDDING in item:
        return item[EMBEDDING]
    return {name: value for name, value in item.items() if name != "index"}
