"""serving/limits.toml: how much a request to each endpoint may hold and cost."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from resay.engine.settings import read_settings
from resay.errors import SettingsError, unknown_name_message
from resay.torchserve.endpoints import ENDPOINTS

NAMES = ("max_body_bytes", "max_items", "max_characters", "max_decoded_tokens", "time_limit_seconds")

Limits: TypeAlias = Mapping[str, Mapping[str, int | float]]
"""Endpoint to the limits that are given for it."""


def read_limits(path: Path) -> Limits:
    """Read a file of limits: one table for each endpoint, in which every name may be missing.

    Raises:
        SettingsError: The file cannot be read, or a name or value in it is not allowed.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the limits {path} cannot be read: {error}") from error
    for endpoint, table in tables.items():
        if endpoint not in ENDPOINTS or not isinstance(table, dict):
            raise SettingsError(f"{path}: {unknown_name_message('table', endpoint, ENDPOINTS)}")
        _check(path, endpoint, table)
    return tables


def _check(path: Path, endpoint: str, table: Mapping[str, object]) -> None:
    for name in table:
        if name not in NAMES:
            raise SettingsError(f"{path}: {unknown_name_message(f'limit of {endpoint}', name, NAMES)}")
    try:
        read_settings(table)
    except SettingsError as error:
        raise SettingsError(f"{path}: {endpoint}: {error}") from None
