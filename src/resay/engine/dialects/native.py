"""Our own protocol."""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from resay.engine.dialects.dialect import Dialect
from resay.engine.replies import RawReply, error_reply
from resay.errors import RequestError


class Native:
    """JSON as it is."""

    item_errors: ClassVar[bool] = True

    def read(self, body: object) -> object:
        """Return the body as it is."""
        return body

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return the reply as JSON."""
        return RawReply(200, orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY))

    def write_error(self, error: RequestError) -> RawReply:
        """Return the error as JSON."""
        return error_reply(error)


NATIVE: Dialect = Native()
