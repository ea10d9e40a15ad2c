"""The options that the commands share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.connections import address_of
from generator.schedules import ARRIVALS
from traffic.kinds import KINDS, USERS
from traffic.texts import read_texts

from knee.rows import Row, commit, hardware
from knee.target import Target, default_management_url
from knee.thresholds import Threshold, parse_threshold, read_thresholds, violations
from resay.errors import SettingsError, unknown_name_message

HERE = Path(__file__).resolve().parent.parent


def shared_options(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options about server, requests and thresholds."""
    parser = argparse.ArgumentParser(description=description)
    add = parser.add_argument
    add("--host", default="http://127.0.0.1:8080", metavar="URL", help="server; plain HTTP (default: %(default)s)")
    add("--management", metavar="URL", help="its management API, to find its processes (default: port + 1)")
    add("--texts", type=Path, metavar="FILE", help="one text a line, instead of the built-in ones")
    add("--header", action="append", default=[], metavar="'NAME: VALUE'", help="of each request; may be repeated")
    add(
        "--p99-ms",
        nargs="+",
        default=[],
        metavar="[KIND=]MS",
        help="latency limits (default: " + " ".join(f"{name}={kind.limit_ms:g}" for name, kind in KINDS.items()) + ")",
    )
    add("--seconds", type=float, default=10.0, help="of each load, after its warm-up (default: %(default)g)")
    add("--arrivals", choices=tuple(ARRIVALS), default="poisson", help="of the open loop (default: %(default)s)")
    add(
        "--in-flight",
        type=int,
        help="most requests in flight in the open loop (default: four times what the limit allows)",
    )
    add("--warm-up", type=float, default=4.0, metavar="S", help="for each class of users (default: %(default)g)")
    add("--fail-if", nargs="+", default=[], metavar="'COLUMN<NUMBER'", help="fail unless this holds, for each class")
    add("--thresholds", type=Path, default=HERE / "thresholds.toml", metavar="FILE", help="the same for each class")
    add("--seed", type=int, default=0, help="of texts and arrivals (default: %(default)s)")
    return parser


def read_target(options: argparse.Namespace) -> Target:
    """Return the server that the options name.

    Raises:
        SettingsError: An option has a value that is not allowed.
    """
    address_of(options.host)
    if options.seconds <= 0:
        raise SettingsError(f"--seconds must be above 0; got {options.seconds:g}")
    return Target(
        url=options.host.rstrip("/"),
        management_url=options.management or default_management_url(options.host),
        headers=dict(_header(text) for text in options.header),
        texts=read_texts(options.texts),
        limits_ms=read_limits(options.p99_ms),
        hardware=hardware(),
        commit=commit() if options.out else "",
        most_in_flight=options.in_flight,
        seed=options.seed,
    )


def read_limits(texts: Sequence[str]) -> dict[str, float]:
    """Return the latency limit of each kind of requests, some overridden: ``30`` for all, ``bulk=100`` for one.

    Raises:
        SettingsError: A kind is unknown, or a number none.
    """
    limits = {name: kind.limit_ms for name, kind in KINDS.items()}
    for text in texts:
        name, found, number = text.rpartition("=")
        if found and name not in KINDS:
            raise SettingsError(unknown_name_message("the kind in --p99-ms", name, KINDS))
        try:
            limits |= dict.fromkeys([name] if found else KINDS, float(number))
        except ValueError:
            raise SettingsError(f"--p99-ms must look like 30 or bulk=100; got {text!r}") from None
    return limits


def step_warm_up_s(seconds: float) -> float:
    """Return for how long a load is offered before it counts: a tenth of its time, a second at most."""
    return min(1.0, 0.1 * seconds)


class Thresholds:
    """All that a run must reach."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._of_users: Mapping[str, list[Threshold]] = read_thresholds(options.thresholds)
        self._of_all = [parse_threshold(text) for text in options.fail_if]

    def violations(self, rows: Mapping[str, Row | None]) -> list[str]:
        """Return what the rows violate, by class of users; `None` stands for one without a row."""
        return [
            line
            for users, row in rows.items()
            for line in violations(users, [*self._of_users.get(users, []), *self._of_all], row)
        ]


def check_users(names: Sequence[str]) -> None:
    """Refuse unknown classes of users.

    Raises:
        SettingsError: One is unknown.
    """
    for name in names:
        if name not in USERS:
            raise SettingsError(unknown_name_message("--users", name, USERS))


def _header(text: str) -> tuple[str, str]:
    name, found, value = text.partition(":")
    if not found:
        raise SettingsError(f"--header must look like 'Name: value'; got {text!r}")
    return name.strip(), value.strip()
