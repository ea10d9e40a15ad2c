"""`run.json`: everything that one needs to know of a run, or to repeat it."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from resay.errors import CheckpointError

RECORD_FILE = "run.json"
RECORDED_PACKAGES = ("resay", "torch", "numpy", "tokenizers", "accelerate", "fasttext")


def git_commit() -> str | None:
    """Return the commit of the source tree that resay runs from, "+changes" if it was edited.

    None where this file is under no version control: an installed resay may lie inside somebody else's repository.
    """
    try:
        _git("ls-files", "--error-unmatch", Path(__file__).name)
        changes = _git("status", "--porcelain", "--untracked-files=no")
        return _git("rev-parse", "HEAD") + ("+changes" if changes else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide a result."""
    found = {"python": platform.python_version()}
    for package in RECORDED_PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a kill, meets either the old contents or the new."""
    temporary = path.with_suffix(path.suffix + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_record(run: Path) -> dict[str, Any]:
    """Return the contents of a run's `run.json`.

    Raises:
        CheckpointError: If it cannot be read, or lacks what every run has.
    """
    try:
        record: dict[str, Any] = json.loads((run / RECORD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{run / RECORD_FILE}: cannot be read ({error})") from None
    missing = [key for key in ("settings", "model") if key not in record]
    if missing:
        raise CheckpointError(f"{run / RECORD_FILE}: damaged, {', '.join(missing)} missing")
    return record


def write_record(run: Path, record: dict[str, Any]) -> None:
    """Replace a run's `run.json`."""
    write_atomically(run / RECORD_FILE, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
