"""A private folder for one run of the server: archives, configuration, logs and temporary files.

Two servers on one machine would otherwise share TorchServe's worker sockets and pid file, which
live in the temporary folder under fixed names.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from resay.errors import ServerError

# A Unix socket's path holds 107 bytes at most; TorchServe appends ``/.ts.sock.9000``.
_LONGEST_TEMPORARY_PATH = 107 - len("/.ts.sock.99999")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run."""

    root: Path
    keep: bool

    @property
    def archives(self) -> Path:
        """Where TorchServe finds the models."""
        return self.root / "archives"

    @property
    def logs(self) -> Path:
        """Where everything the server says is written."""
        return self.root / "logs"

    @property
    def temporary(self) -> Path:
        """The temporary folder of the server and its workers."""
        return self.root / "tmp"

    @property
    def configuration(self) -> Path:
        """The generated configuration."""
        return self.root / "config.properties"

    @property
    def token_file(self) -> Path:
        """Where TorchServe writes its tokens when it asks for them."""
        return self.root / "key_file.json"

    def remove(self) -> None:
        """Delete the folder, unless its user chose the place."""
        if not self.keep:
            shutil.rmtree(self.root, ignore_errors=True)


def make_run_folder(parent: Path | None = None) -> RunFolder:
    """Make a new, empty run folder, readable by this user alone.

    Args:
        parent: Where to make it, and keep it afterwards; ``None`` means the system's temporary
            folder, and deletion at the end.

    Raises:
        ServerError: The folder cannot be made, or its path is too long for a socket.
    """
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix="resay-", dir=parent)).resolve()
        run = RunFolder(root, keep=parent is not None)
        for folder in (run.archives, run.logs, run.temporary):
            folder.mkdir()
    except OSError as error:
        raise ServerError(f"no run folder can be made in {parent or tempfile.gettempdir()}: {error}") from error
    if len(bytes(run.temporary)) > _LONGEST_TEMPORARY_PATH:
        run.remove()
        raise ServerError(
            f"the run folder {root} has too long a path for the workers' sockets "
            f"(at most {_LONGEST_TEMPORARY_PATH} bytes with /tmp); choose a shorter one with --run-dir"
        )
    return run
