"""What .dockerignore lets through to the engine that builds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def read_patterns(project: Path) -> list[str]:
    """Return the lines of .dockerignore that are patterns."""
    lines = (project / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line.strip().rstrip("/") for line in lines if line.strip() and not line.startswith("#")]


def is_sent(path: str, patterns: Sequence[str]) -> bool:
    """Whether a file, named from the project's root, is sent: the last pattern decides that fits it or its folder."""
    sent = True
    for pattern in patterns:
        if _expression(pattern.removeprefix("!")).fullmatch(path):
            sent = pattern.startswith("!")
    return sent


def sent_files(project: Path, source: str) -> list[Path]:
    """Return the files that ``COPY source`` finds, relative to the project's root."""
    patterns = read_patterns(project)
    start = project / source
    found = sorted(start.rglob("*")) if start.is_dir() else [start]
    files = [path.relative_to(project) for path in found if path.is_file()]
    return [path for path in files if is_sent(path.as_posix(), patterns)]


def _expression(pattern: str) -> re.Pattern[str]:
    marks = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(marks.get(part, re.escape(part)) for part in parts) + "(?:/.*)?")
