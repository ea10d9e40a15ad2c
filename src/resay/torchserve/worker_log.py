"""Why a worker could not load its model, as its log tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What TorchServe says when a worker failed; it would go on trying for five minutes.
_FAILED = "Load model failed"
_DIED = "Backend worker process died."
_OWN_ERROR = re.compile(r"resay\.errors\.\w+: (?P<message>.*)")
_NUM_LINES = 12


def load_has_failed(logs: Path) -> bool:
    """Whether the server reports a model that could not be loaded."""
    return _FAILED in _read(logs / "server.log")


def load_failure(logs: Path) -> str:
    """Return why a worker could not load its model: our own error's message, or a traceback's end."""
    threads: dict[str, list[str]] = {}
    for line in log_lines(logs / "workers.log"):
        if "thread" in line:
            threads.setdefault(line["thread"], []).append(line["text"])
    for lines in threads.values():
        if _DIED in lines:
            told = lines[lines.index(_DIED) + 1 :]
            own = [match["message"] for match in map(_OWN_ERROR.fullmatch, told) if match]
            return own[0] if own else "\n".join(told[-_NUM_LINES:])
    # Killed from outside, for instance for memory: nobody was left to say anything.
    return "it ended without a word; see " + str(logs)


def log_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a log file; a line that is still being written is left out."""
    for line in _read(path).split("\n"):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            yield told


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
