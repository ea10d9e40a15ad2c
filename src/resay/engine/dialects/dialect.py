"""What a dialect does."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from resay.engine.replies import RawReply


@runtime_checkable
class Dialect(Protocol):
    """Translates one protocol."""

    def read(self, body: object) -> object:
        """Return the body of a request, as parsed from JSON, in the form of our own requests.

        Raises:
            RequestError: If it asks for something that we have not, or asks wrongly.
        """

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return our own reply, in which vectors are still arrays, in the protocol's form.

        Raises:
            RequestError: If an item failed and the protocol has no place for that.
        """
