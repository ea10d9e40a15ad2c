"""Figures that a run must reach, or its exit status is 1."""

from __future__ import annotations

import math
import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traffic.kinds import USERS

from knee.rows import COLUMNS, TEXT_COLUMNS, Row
from resay.errors import SettingsError, unknown_name_message

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
FIGURES = tuple(name for name in COLUMNS if name not in TEXT_COLUMNS)
_FORM = re.compile(r"\s*(?P<column>\w+)\s*(?P<sign><=|>=|==|<|>)\s*(?P<bound>[-+.\deE]+)\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure must be, such as ``p99_ms < 30``."""

    column: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.column} {self.sign} {self.bound:g}"

    def holds(self, row: Row) -> bool:
        """Whether a row's figure is so; one that is not known is not."""
        value = float(row.get(self.column, math.nan))
        return COMPARISONS[self.sign](value, self.bound)


def parse_threshold(text: str) -> Threshold:
    """Read a condition on a column of the table, such as ``p99_ms<30``.

    Raises:
        SettingsError: It has another form, or there is no such column.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise SettingsError(
            f"a threshold must look like p99_ms<30, with one of: {', '.join(COMPARISONS)}; got {text!r}"
        )
    if match["column"] not in FIGURES:
        raise SettingsError(unknown_name_message("the column of a threshold", match["column"], FIGURES))
    try:
        return Threshold(match["column"], match["sign"], float(match["bound"]))
    except ValueError:
        raise SettingsError(f"{match['bound']!r} in the threshold {text!r} is no number") from None


def read_thresholds(path: Path) -> dict[str, list[Threshold]]:
    """Read a TOML file with a list of conditions for each class of users.

    Raises:
        SettingsError: The file cannot be read, a class is unknown, or a condition has another form.
    """
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"--thresholds {path} cannot be read: {error}; name a TOML file") from error
    for users, conditions in document.items():
        if users not in USERS:
            raise SettingsError(unknown_name_message(f"a class of users in {path}", users, USERS))
        if not isinstance(conditions, list) or not all(isinstance(each, str) for each in conditions):
            raise SettingsError(f'{users} in {path} must be a list of conditions such as ["p99_ms < 30"]')
    return {users: [parse_threshold(text) for text in conditions] for users, conditions in document.items()}


def violations(users: str, thresholds: Iterable[Threshold], row: Row | None) -> list[str]:
    """Return what a row violates, one line each; `None`, no load that was sustained, violates everything."""
    if row is None:
        return [f"{users}: {threshold} is violated: no load was sustained" for threshold in thresholds]
    return [
        f"{users}: {threshold} is violated: {threshold.column} = {row.get(threshold.column, 'unknown')}"
        for threshold in thresholds
        if not threshold.holds(row)
    ]
