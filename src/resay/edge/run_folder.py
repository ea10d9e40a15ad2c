"""The folder of one running edge: configuration, temporary files, log, and what it and its switch tell each other."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.errors import ServerError

_SEEN_BY_OTHERS = 0o711
"""nginx started by root works as another user, who has to get at what lies in here."""


@dataclass(frozen=True, slots=True)
class EdgeFolder:
    """Paths of one run."""

    root: Path
    keep: bool

    @property
    def configuration(self) -> Path:
        """What nginx runs with."""
        return self.root / "nginx.conf"

    @property
    def candidate(self) -> Path:
        """What it is to run with, before it was tried."""
        return self.root / "nginx.conf.new"

    @property
    def pid_file(self) -> Path:
        """Written by nginx as soon as it listens."""
        return self.root / "nginx.pid"

    @property
    def console(self) -> Path:
        """What nginx says."""
        return self.root / "console.log"

    @property
    def draining(self) -> Path:
        """Is there while the edge is about to stop."""
        return self.root / "draining"

    @property
    def request(self) -> Path:
        """Which backend is asked for."""
        return self.root / "backend.json"

    @property
    def state(self) -> Path:
        """Which backend is used."""
        return self.root / "state.json"

    @property
    def access_log(self) -> Path:
        """One line a request, unless it was told to go elsewhere."""
        return self.root / "access.log"

    def write_json(self, path: Path, value: dict[str, Any]) -> None:
        """Replace a file at once."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(value), encoding="utf-8")
        new.replace(path)

    def clear(self) -> None:
        """Delete what only a running edge has."""
        for path in (self.draining, self.request, self.state, self.pid_file):
            path.unlink(missing_ok=True)


def check_reachable(folder: Path, user: str) -> None:
    """Raise if another user cannot get at what lies in a folder.

    Raises:
        ServerError: A folder above it is closed to others.
    """
    for parent in (folder, *folder.parents):
        if not parent.stat().st_mode & stat.S_IXOTH:
            raise ServerError(
                f"nginx's workers run as {user} and cannot reach {folder}, because {parent} is closed to others; "
                "choose another folder with --run-dir, or start the edge as an ordinary user"
            )


def read_json(path: Path) -> dict[str, Any]:
    """Return what a file holds; nothing if it is not there."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def edge_folder(path: Path | None = None) -> Iterator[EdgeFolder]:
    """Make the folder, or take one that an earlier run has left, for the time of the block.

    Args:
        path: Where; `None` means a new temporary folder, and deletion at the end.

    Raises:
        ServerError: It cannot be made, or another edge uses it.
    """
    try:
        root = Path(path or tempfile.mkdtemp(prefix="resay-edge-")).resolve()
        (root / "tmp").mkdir(parents=True, exist_ok=True)
        for made in (root, root / "tmp"):
            made.chmod(_SEEN_BY_OTHERS)
    except OSError as error:
        raise ServerError(f"no run folder can be made at {path or tempfile.gettempdir()}: {error}") from error
    with _locked(root):
        folder = EdgeFolder(root, keep=path is not None)
        folder.clear()
        try:
            yield folder
        finally:
            folder.clear()
            if not folder.keep:
                shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the folder; nginx does not inherit the lock."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ServerError(f"another edge runs in {root}; choose another folder with --run-dir") from None
    finally:
        os.close(descriptor)
