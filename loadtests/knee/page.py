"""The page beside the table and the plot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from generator.figures import LEAST_SHARE, LEAST_SHARE_OF_KIND
from traffic.kinds import USERS

from knee.rows import ALL, Row

HEAD = "| users | knee, requests/s | texts/s | p50 | p90 | p99 ms | limit ms | closed loop, most requests/s | CPU ms a request: front end + workers | generator's cores |"  # noqa: E501
STEP_HEAD = "| load | offered/s | answered/s | in time/s | p50 | p90 | p95 | p99 | max ms | failed | shed | cores: generator, others | |"  # noqa: E501


def write_page(path: Path, rows: Sequence[Row], limits_ms: Mapping[str, float], command: str, plot: str) -> None:
    """Write the page: the knees, the plot, every step."""
    classes = list(dict.fromkeys(row["users"] for row in rows))
    first = rows[0]
    lines = [
        "# Where the knee is",
        "",
        "Written by the command that follows; change nothing here by hand.",
        "",
        "```bash",
        command,
        "```",
        "",
        f"Model {first['model']}{' ' + first['model_sha'] if first['model_sha'] else ''}, commit {first['commit']}, "
        f"{datetime.now(UTC).date()}, server and generator together on {first['hardware']}.",
        "",
        f"The knee is the highest offered rate of arrivals of which at least {LEAST_SHARE:.0%} (and "
        f"{LEAST_SHARE_OF_KIND:.0%} of each kind in a mix) are answered, rightly and within their kind's latency "
        "limit. Latency counts from the moment at which a request was due; percentiles are of all arrivals, and "
        "one without a right answer counts as infinitely late.",
        "",
        HEAD,
        _rule(HEAD),
        *(_summary(users, rows, limits_ms) for users in classes),
        "",
        f"![Latency and goodput over the offered load]({plot})",
        "",
        "## Every step",
        "",
        "Of the closed loop the load is a number of users, of the open loop requests a second. What is in the column "
        "shed found no free slot in flight and counts as failed.",
    ]
    for users in classes:
        shares = ", ".join(f"{share:.0%} {name}" for name, share in USERS[users].items())
        lines += ["", f"### {users}", "", f"Requests: {shares}.", "", STEP_HEAD, _rule(STEP_HEAD)]
        lines += [_step(row) for row in rows if row["users"] == users and row["kind"] == ALL]
        lines += _kinds_at_knee(users, rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _summary(users: str, rows: Sequence[Row], limits_ms: Mapping[str, float]) -> str:
    of_class = [row for row in rows if row["users"] == users and row["kind"] == ALL]
    limits = ", ".join(f"{limits_ms[name]:g}" for name in USERS[users])
    most = max((row["achieved_per_s"] for row in of_class if row["mode"] == "closed"), default=math.nan)
    row = next((row for row in of_class if row["knee"]), None)
    if row is None:
        return f"| {users} | none: no rate was sustained | | | | | {limits} | {_number(most)} | | |"
    all_sustained = all(other["sustained"] for other in of_class if other["mode"] == "open")
    load = ("at least " if all_sustained else "") + _number(row["load"])
    cells = [users, load, *(_number(row[name]) for name in ("texts_per_s", "p50_ms", "p90_ms", "p99_ms"))]
    cpu = f"{_number(row['frontend_cpu_ms'])} + {_number(row['worker_cpu_ms'])}"
    return _line([*cells, limits, _number(most), cpu, _number(row["client_cpu_share"])])


def _step(row: Row) -> str:
    load = f"{row['load']:g} users" if row["mode"] == "closed" else f"{_number(row['load'])}/s"
    names = ("offered_per_s", "achieved_per_s", "goodput_per_s", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms")
    cores = f"{_number(row['client_cpu_share'])}, {_number(row['others_cpu_share'])}"
    remarks = [
        "**knee**" if row["knee"] else "",
        "" if row["sustained"] else "not sustained",
        row["note"],
        row["failure"].replace("|", " "),
    ]
    numbers = [_number(row[name]) for name in names]
    return _line([load, *numbers, str(row["failures"]), str(row["shed"]), cores, "; ".join(filter(None, remarks))])


def _kinds_at_knee(users: str, rows: Sequence[Row]) -> list[str]:
    of_kinds = [row for row in rows if row["users"] == users and row["kind"] != ALL and row["knee"]]
    if not of_kinds:
        return []
    lines = [
        f"- {row['kind']}: {_number(row['offered_per_s'])}/s, p50 {_number(row['p50_ms'])}, "
        f"p90 {_number(row['p90_ms'])}, p99 {_number(row['p99_ms'])} ms, {row['in_time_share']:.2%} in time"
        for row in of_kinds
    ]
    return ["", "At the knee:", "", *lines]


def _number(value: float) -> str:
    """Return three digits or the whole number; nothing for what is not known."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(head: str) -> str:
    return "|" + "---|" * (head.count("|") - 1)
