"""What a dialect does."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from resay.engine.replies import RawReply
from resay.errors import RequestError


@runtime_checkable
class Dialect(Protocol):
    """Translates one protocol; one of its own for each request, where a reply hangs on what was asked.

    Attributes:
        item_errors: Whether a reply can say that some of its items failed; if not, one that fails fails the request.
    """

    item_errors: ClassVar[bool]

    def read(self, body: object) -> object:
        """Return the body of a request, as parsed from JSON, in the form of our own requests.

        Raises:
            RequestError: If it asks for something that we have not, or asks wrongly.
        """

    def write(self, reply: Mapping[str, Any]) -> RawReply:
        """Return our own reply, in which vectors are still arrays, in the protocol's form."""

    def write_error(self, error: RequestError) -> RawReply:
        """Return the reply for a request that failed as a whole, with its path in the protocol's words."""
