"""The folder of one running edge: configuration, temporary files, log, and what it and its switch tell each other."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.errors import ServerError

TEMPLATES = ("nginx.conf", "route.conf", "edge.js")
_LOG_MODE = 0o640
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

    @property
    def temporary(self) -> Path:
        """What nginx keeps for a moment; a switch holds it."""
        return self.root / "tmp"

    def keep_templates(self, templates: Path) -> Path:
        """Copy the edge's own files to here, and return where: a new version of them must not get into a running edge.

        Raises:
            ServerError: They cannot be copied.
        """
        kept = self.root / "templates"
        try:
            kept.mkdir(exist_ok=True)
            for name in TEMPLATES:
                shutil.copyfile(templates / name, kept / name)
        except OSError as error:
            raise ServerError(f"the edge's files cannot be copied from {templates} to {kept}: {error}") from error
        return kept

    def write_json(self, path: Path, value: Mapping[str, object]) -> None:
        """Replace a file at once, for its group to read, and for the folder's owner if root does it.

        Raises:
            ServerError: It cannot be written.
        """
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            new.touch(mode=_LOG_MODE)
            new.write_text(json.dumps(value), encoding="utf-8")
            if os.geteuid() == 0:
                owner = self.root.stat()
                os.chown(new, owner.st_uid, owner.st_gid)
            new.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise ServerError(f"{path} cannot be written: {error.strerror}") from error

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


def make_log(path: Path) -> None:
    """Make a log that is not there yet: nginx would let everybody on the machine read it.

    Raises:
        ServerError: It cannot be made.
    """
    try:
        with contextlib.suppress(FileExistsError):
            path.touch(mode=_LOG_MODE, exist_ok=False)
    except OSError as error:
        raise ServerError(f"the log {path} cannot be made: {error.strerror}") from error


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
        ServerError: It cannot be made, others may write in it, or another edge uses it.
    """
    try:
        root = path.resolve() if path else Path(tempfile.mkdtemp(prefix="resay-edge-")).resolve()
        if path is None:
            root.chmod(_SEEN_BY_OTHERS)
        root.parent.mkdir(parents=True, exist_ok=True)
        for needed in (root, root / "tmp"):
            _make_or_check(needed)
    except OSError as error:
        raise ServerError(f"no run folder can be made at {path or tempfile.gettempdir()}: {error}") from error
    with held(root, f"another edge runs in {root}; choose another folder with --run-dir"):
        folder = EdgeFolder(root, keep=path is not None)
        folder.clear()
        try:
            yield folder
        finally:
            folder.clear()
            if not folder.keep:
                shutil.rmtree(root, ignore_errors=True)


def _make_or_check(folder: Path) -> None:
    """Make a folder; leave one that is there as it is, if nobody else can put anything in it.

    Raises:
        ServerError: Others may write in it: they could choose the backend, and so read every text.
    """
    try:
        folder.mkdir()
    except FileExistsError:
        found = folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ServerError(
                f"the run folder {folder} must belong to the user who starts the edge, and nobody else may write in it "
                f"(it has owner {found.st_uid} and mode {stat.S_IMODE(found.st_mode):04o}); name a folder that is not "
                f"there yet with --run-dir, such as {folder / 'edge'}, and it is made"
            ) from None
    else:
        folder.chmod(_SEEN_BY_OTHERS)


@contextmanager
def held(folder: Path, otherwise: str) -> Iterator[None]:
    """Hold a folder for the time of the block; nginx does not inherit the lock.

    Raises:
        ServerError: Somebody holds it already; with the words of `otherwise`.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ServerError(f"{folder} cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerError(otherwise) from None
        yield
    finally:
        os.close(descriptor)
