"""Which dialect a request speaks."""

from resay.engine.body import RawRequest
from resay.engine.dialects.dialect import Dialect
from resay.engine.dialects.native import NATIVE
from resay.engine.dialects.raw_vectors import OCTETS, RAW_VECTORS


def dialect_for(request: RawRequest, body: object, endpoint: str) -> Dialect:
    """Return the dialect of a request.

    Args:
        request: As it came.
        body: Its JSON value.
        endpoint: Who is asked.
    """
    if endpoint == "encode" and request.accept == OCTETS:
        return RAW_VECTORS
    return NATIVE
