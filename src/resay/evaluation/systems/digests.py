"""One hash over all that vectors depend on."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_of(parts: Iterable[str | Path]) -> str:
    """Return 64 hex digits over texts and the contents of files, in their order."""
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as stream:
                one = hashlib.file_digest(stream, "sha256")
        else:
            one = hashlib.sha256(part.encode("utf-8", "surrogatepass"))
        whole.update(one.digest())
    return whole.hexdigest()
