"""Our own protocol."""

from collections.abc import Mapping
from typing import Any

import orjson

from resay.engine.dialects.dialect import Dialect
from resay.engine.replies import RawReply


class Native:
    """JSON as it is."""

    def read(self, body: object) -> object:
        """Return the body as it is."""
        return body

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return the reply as JSON."""
        return RawReply(200, orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY))


NATIVE: Dialect = Native()
