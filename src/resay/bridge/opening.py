"""Says what is missing if a bridge cannot be run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from resay.errors import MissingExtraError

PACKAGES = ("grpc", "google", "google.protobuf", "httpx")


@contextmanager
def needing_grpc() -> Iterator[None]:
    """Turn a missing package into an error that says how to install it.

    Raises:
        MissingExtraError: grpcio, protobuf or httpx is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise MissingExtraError(
            "the bridge needs grpcio, protobuf and httpx, not all of them here; run: pip install '.[grpc]'"
            " in resay's folder"
        ) from error
