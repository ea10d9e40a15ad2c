"""The file of API keys: for each name a digest, never the key itself.

A key holds 256 random bits, so a plain SHA-256 is enough: nobody can try all likely keys, as one can with passwords.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import stat
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from resay.edge.rates import Rate
from resay.errors import SettingsError, unknown_name_message

PREFIX = "resay_"
_NUM_RANDOM_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELDS = ("sha256", "rate", "created")
_HEADER = "# Digests of API keys, written by serving/edge/keys.py. A key itself is shown once, when it is made.\n"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: the SHA-256 of it, in hex; its rate, if it has one of its own; and its day."""

    sha256: str
    rate: Rate | None
    created: str


def read_keys(path: Path) -> dict[str, ApiKey]:
    """Return the keys of a file by their names.

    Raises:
        SettingsError: The file cannot be read, or something in it is not allowed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"there is no file of keys {path}; make one with: python serving/edge/keys.py {path} add NAME"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the keys {path} cannot be read: {error}") from error
    tables = content.get("keys", {})
    if set(content) - {"keys"} or not isinstance(tables, dict):
        raise SettingsError(f"{path}: a file of keys holds tables [keys.NAME] alone; got: {', '.join(content)}")
    try:
        keys = {_checked_name(name): _read_key(table) for name, table in tables.items()}
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
    if len({key.sha256 for key in keys.values()}) < len(keys):
        raise SettingsError(f"{path}: two names have the same key; revoke one of them")
    return keys


def add_key(path: Path, name: str, rate: Rate | None = None) -> str:
    """Make a key, write its digest down, and return it.

    Raises:
        SettingsError: The name is not allowed or taken, or the file cannot be read or written.
    """
    _checked_name(name)
    with _changing(path) as keys:
        if name in keys:
            raise SettingsError(
                f"there is a key {name!r} already; to replace it, add one under another name, "
                f"hand it out, and revoke {name!r} when nobody uses it any more"
            )
        key = PREFIX + secrets.token_urlsafe(_NUM_RANDOM_BYTES)
        keys[name] = ApiKey(digest(key), rate, date.today().isoformat())
    return key


def revoke_key(path: Path, name: str) -> None:
    """Take a key out of the file.

    Raises:
        SettingsError: There is no such key, or the file cannot be read or written.
    """
    with _changing(path) as keys:
        if name not in keys:
            raise SettingsError(unknown_name_message("the key to revoke", name, keys))
        del keys[name]


def digest(key: str) -> str:
    """Return the SHA-256 of a key, in hex, as nginx computes it from a request's header."""
    return hashlib.sha256(key.encode()).hexdigest()


@contextmanager
def _changing(named: Path) -> Iterator[dict[str, ApiKey]]:
    """Yield the keys to be changed, and write them; a second change waits until the first is done."""
    path = Path(os.path.realpath(named))  # of a symbolic link it is the file behind it that changes
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            keys = read_keys(path) if path.exists() else {}
            yield keys
            _write(path, keys)
        finally:
            os.close(folder)
    except OSError as error:
        raise SettingsError(f"the keys {path} cannot be written: {error.strerror}") from error


def _write(path: Path, keys: Mapping[str, ApiKey]) -> None:
    """Replace the file at once: who reads it finds the old one or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor is no path)
            file.write(_HEADER + "".join(_table(name, key) for name, key in keys.items()))
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                _give_to_owner_of(path, file.fileno())
        if read_keys(Path(name)) != keys:
            raise SettingsError(f"the keys {path} stay as they were: what was to be written does not read the same")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _give_to_owner_of(path: Path, descriptor: int) -> None:
    """Give a new file owner, group and mode of the one in whose place it comes, whom the edge may run as."""
    old, new = path.stat(), os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except PermissionError:
            raise SettingsError(
                f"the keys {path} belong to user {old.st_uid} and group {old.st_gid}, and would not any more; "
                "change them as that user or as root"
            ) from None
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _table(name: str, key: ApiKey) -> str:
    rate = f'rate = "{key.rate}"\n' if key.rate else ""
    created = f'created = "{key.created}"\n' if key.created else ""
    return f'\n[keys.{name}]\nsha256 = "{key.sha256}"\n{rate}{created}'


def _checked_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise SettingsError(
            f"a key's name has 1 to 63 of the characters a-z, 0-9, - and _, and - and _ do not come first; got {name!r}"
        )
    return name


def _read_key(table: object) -> ApiKey:
    if not isinstance(table, dict):
        raise SettingsError(f"each key is a table [keys.NAME]; got {table!r}")
    for field in table:
        if field not in _FIELDS:
            raise SettingsError(unknown_name_message("field of a key", field, _FIELDS))
    sha256 = table.get("sha256")
    if not isinstance(sha256, str) or _DIGEST.fullmatch(sha256) is None:
        raise SettingsError(f"sha256 must be 64 hex digits in lower case; got {sha256!r}")
    rate = Rate.parse(str(table["rate"])) if "rate" in table else None
    return ApiKey(sha256, rate, _checked_day(str(table.get("created", ""))))


def _checked_day(text: str) -> str:
    if text:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise SettingsError(f"created must be a day such as 2026-03-31, or be left out; got {text!r}") from None
    return text
