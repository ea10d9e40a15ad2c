"""The file that says which runs a table is made of: settings common to all, rows, and groups of rows."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.tables.runs import TableRun
from resay.fitting import load_settings

READINGS = ("latent", "embedding")
"""What is measured of a run unless its group says otherwise."""
SEEDS = (0, 1, 2)
ROW_SWITCHES = ("vectors", "lemmas")
"""What a row may say besides settings: whether it gets the file of that name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Rows of one table or of one question.

    Attributes:
        name: As `--groups` takes it.
        rows: Names of rows, in order.
        seeds: Its own; empty: those that the command is given.
        readings: What is measured of each run.
        compares_readings: Whether readings are held against each other, rather than rows.
        question: What is asked; empty for the paper's tables.
    """

    name: str
    rows: tuple[str, ...]
    seeds: tuple[int, ...] = ()
    readings: tuple[str, ...] = READINGS
    compares_readings: bool = False
    question: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFile:
    """What `read_table_file` returns.

    Attributes:
        path: The file.
        rows: Each row's settings, those common to all included, and its switches.
        groups: By name.
        unions: Names that stand for several groups.
    """

    path: Path
    rows: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Group]
    unions: Mapping[str, tuple[str, ...]]

    def chosen(self, names: Sequence[str]) -> list[Group]:
        """Return the groups of these names, each once.

        Raises:
            SettingsError: If there is none of that name.
        """
        known = (*self.groups, *self.unions)
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            raise SettingsError(unknown_name_message("group", unknown, known))
        expanded = (one for name in names for one in self.unions.get(name, (name,)))
        return [self.groups[name] for name in dict.fromkeys(expanded)]

    def runs(self, names: Sequence[str], seeds: Sequence[int] = SEEDS) -> list[TableRun]:
        """Return the runs of groups, each once, with all readings that one of the groups wants; seed by seed.

        Raises:
            SettingsError: If a group is unknown, or a row's settings are not allowed.
        """
        readings: dict[tuple[int, str], dict[str, None]] = {}
        for group in self.chosen(names):
            for seed in group.seeds or seeds:
                for row in group.rows:
                    readings.setdefault((seed, row), {}).update(dict.fromkeys(group.readings))
        ordered = sorted(readings, key=lambda place: place[0])  # a table cut short has all rows rather than all seeds
        return [self._run(row, seed, tuple(readings[seed, row])) for seed, row in ordered]

    def _run(self, row: str, seed: int, readings: tuple[str, ...]) -> TableRun:
        values = {name: value for name, value in self.rows[row].items() if name not in ROW_SWITCHES}
        try:
            settings = load_settings(None, {**values, "seed": seed})
        except SettingsError as error:
            raise SettingsError(f"{self.path}, row {row}: {error}") from None
        switches = (bool(self.rows[row].get(name, True)) for name in ROW_SWITCHES)
        return TableRun(row, settings, readings, *switches)


def read_table_file(path: Path) -> TableFile:
    """Read a file such as training/configs/tables.toml.

    Raises:
        SettingsError: If it cannot be read, or a part of it is not as it has to be; names the part.
    """
    try:
        contents = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from None
    _check_names(contents, ("base", "rows", "groups"), f"{path}")
    base, groups = contents.get("base", {}), contents.get("groups", {})
    rows = {name: {**base, **own} for name, own in contents.get("rows", {}).items()}
    for name, row in rows.items():
        wrong = next((switch for switch in ROW_SWITCHES if not isinstance(row.get(switch, True), bool)), None)
        if wrong:
            raise SettingsError(f"{path}, row {name}: {wrong} must be true or false; got {row[wrong]!r}")
    unions = {name: tuple(one["groups"]) for name, one in groups.items() if "groups" in one}
    return TableFile(
        path=path,
        rows=rows,
        groups={name: _group(path, name, one, rows) for name, one in groups.items() if name not in unions},
        unions=dict(_unions(path, unions, set(groups) - set(unions))),
    )


def _group(path: Path, name: str, contents: Mapping[str, Any], rows: Collection[str]) -> Group:
    _check_names(contents, ("rows", "seeds", "readings", "question"), f"{path}, group {name}")
    for row in contents.get("rows", ()):
        if row not in rows:
            raise SettingsError(f"{path}, group {name}: {unknown_name_message('row', row, rows)}")
    return Group(
        name=name,
        rows=tuple(contents.get("rows", ())),
        seeds=tuple(contents.get("seeds", ())),
        readings=tuple(contents.get("readings", READINGS)),
        compares_readings="readings" in contents,
        question=contents.get("question", ""),
    )


def _unions(
    path: Path, unions: Mapping[str, tuple[str, ...]], groups: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, parts in unions.items():
        for part in parts:
            if part not in groups:
                raise SettingsError(f"{path}, group {name}: {unknown_name_message('group', part, sorted(groups))}")
        yield name, parts


def _check_names(contents: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    unknown = next((name for name in contents if name not in allowed), None)
    if unknown is not None:
        raise SettingsError(f"{where}: {unknown_name_message('entry', unknown, allowed)}")
