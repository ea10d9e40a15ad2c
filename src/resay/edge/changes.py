"""What makes a running edge reload: the contents of its files of keys and certificate."""

from __future__ import annotations

from pathlib import Path

from resay.edge.settings import EdgeSettings

Contents = tuple[bytes | None, ...]


def contents(settings: EdgeSettings) -> Contents:
    """Return what is in the files that may change while the edge runs; a renewed certificate is two of them."""
    return tuple(_content(path) for path in (settings.keys, settings.certificate, settings.private_key))


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError:
        return None
