"""Steps as rows of a table."""

from __future__ import annotations

import csv
import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

import psutil
from generator.figures import Figures
from generator.stand import Measured
from traffic.kinds import USERS

Row = dict[str, Any]
ALL = "all"
CLIENT_BOUND_SHARE = 0.85
COLUMNS = (
    "users",
    "kind",
    "mode",
    "arrivals",
    "load",
    *(field.name for field in fields(Figures)),
    "limit_ms",
    "sustained",
    "knee",
    "note",
    "seconds",
    "client_cpu_share",
    "others_cpu_share",
    "frontend_cpu_ms",
    "worker_cpu_ms",
    "model",
    "model_sha",
    "commit",
    "hardware",
    "time",
)
TEXT_COLUMNS = (
    "users",
    "kind",
    "mode",
    "arrivals",
    "failure",
    "note",
    "model",
    "model_sha",
    "commit",
    "hardware",
    "time",
)
_NUM_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Context:
    """What all rows of a run share.

    Attributes:
        model: Name of the model, as the server tells it.
        model_sha: The same of its fingerprint; empty if it does not tell one.
        commit: Of this checkout.
        hardware: Of this machine.
    """

    model: str
    model_sha: str
    commit: str
    hardware: str


def rows_of(users: str, measured: Measured, limits_ms: Mapping[str, float], context: Context) -> list[Row]:
    """Return a row for all requests of a step, and one for each kind if there are several.

    ``frontend_cpu_ms`` and ``worker_cpu_ms`` are CPU milliseconds of the server's processes for each right answer,
    ``client_cpu_share`` and ``others_cpu_share`` cores; all of them stand in the row for all requests alone.
    """
    step, cpu = measured.step, measured.cpu
    num_right = measured.total.achieved_per_s * step.seconds
    shared: Row = {"users": users, "mode": step.mode, "load": step.load, "seconds": step.seconds}
    shared |= {"arrivals": step.arrivals if step.mode == "open" else "", "sustained": measured.sustained, "knee": False}
    shared |= asdict(context) | {"time": datetime.now(UTC).isoformat(timespec="seconds")}
    client_share = cpu.client / cpu.wall
    total = shared | asdict(measured.total) | {"kind": ALL, "limit_ms": _only(limits_ms, USERS[users])}
    total |= {
        "client_cpu_share": client_share,
        "others_cpu_share": cpu.others_share,
        "frontend_cpu_ms": 1e3 * cpu.frontend / num_right if num_right else math.nan,
        "worker_cpu_ms": 1e3 * cpu.workers / num_right if num_right else math.nan,
        "note": "the generator was the bottleneck" if client_share > CLIENT_BOUND_SHARE else "",
    }
    of_kinds = [
        shared | asdict(each) | {"kind": name, "limit_ms": limits_ms[name]} for name, each in measured.kinds.items()
    ]
    return [total, *of_kinds]


def mark_knee(rows: Sequence[Row], at_knee: Measured | None) -> None:
    """Mark the rows of the step at the knee."""
    for row in rows:
        row["knee"] = at_knee is not None and row["mode"] == "open" and row["load"] == at_knee.step.load


def write_rows(stream: TextIO, rows: Sequence[Row]) -> None:
    """Write rows as CSV; what is not known stays empty."""
    table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def hardware() -> str:
    """Return processor, cores and memory of this machine."""
    return f"{_processor()}, {psutil.cpu_count()} logical cores, {psutil.virtual_memory().total / 2**30:.0f} GiB"


def commit() -> str:
    """Return the commit that runs here, "+changes" if it was edited; the version where there is none."""
    try:
        from resay.fitting.record import git_commit  # which needs torch
    except ImportError:
        return metadata.version("resay")
    found = git_commit()
    if found is None:
        return metadata.version("resay")
    name, changes, _ = found.partition("+changes")
    return name[:7] + changes


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next(_values(lines, "model name"), platform.machine())


def _values(lines: Sequence[str], field: str) -> Iterator[str]:
    return (line.partition(":")[2].strip() for line in lines if line.startswith(field))


def _only(limits_ms: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """Return the limit, where it is the same for all kinds."""
    found = {limits_ms[name] for name in shares}
    return found.pop() if len(found) == 1 else math.nan


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else round(value, _NUM_DIGITS)
    return value
