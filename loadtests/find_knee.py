"""Find the load at which a running server's latency leaves the ground, for each class of users.

python loadtests/find_knee.py --host http://127.0.0.1:8080 --users interactive bulk paraphrase mix
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from knee.options import HERE, Thresholds, check_users, read_target, shared_options, step_warm_up_s
from knee.page import write_page
from knee.plot import draw
from knee.progress import print_step
from knee.rows import ALL, Row, mark_knee, rows_of, write_rows
from knee.search import Search, knee_of
from knee.target import Target
from traffic.kinds import USERS

from resay.errors import ResayError

TABLE, PLOT, PAGE = "knee.csv", "knee.png", "README.md"


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        check_users(options.users)
        thresholds = Thresholds(options)
        target = read_target(options)
        search = Search(
            seconds=options.seconds,
            warm_up_s=step_warm_up_s(options.seconds),
            arrivals=options.arrivals,
            most_users=options.most_users,
            seed=options.seed,
        )
        options.out.mkdir(parents=True, exist_ok=True)
        rows: list[Row] = []
        for of_class in measure(target, options.users, search, options.warm_up):
            rows += of_class
            with (options.out / TABLE).open("w", newline="", encoding="utf-8") as stream:
                write_rows(stream, rows)
        draw(rows, target.limits_ms, options.out / PLOT)
        command = shlex.join(["python", "loadtests/find_knee.py", *sys.argv[1:]])
        write_page(options.out / PAGE, rows, target.limits_ms, command, PLOT)
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"\nwritten to {options.out}: {TABLE}, {PLOT}, {PAGE}")
    at_knees = {users: next((row for row in rows if is_knee(row, users)), None) for users in options.users}
    violated = thresholds.violations(at_knees)
    for line in violated:
        print(line, file=sys.stderr)
    return 1 if violated else 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = shared_options("Find the load at which a running server's latency leaves the ground.")
    parser.add_argument(
        "--users",
        nargs="+",
        default=["interactive", "bulk", "paraphrase", "mix"],
        metavar="CLASS",
        help=f"of: {', '.join(USERS)} (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for table, plot and page")
    parser.add_argument("--most-users", type=int, default=256, help="of the closed loop (default: %(default)s)")
    return parser.parse_args()


def measure(target: Target, classes: list[str], search: Search, warm_up_s: float) -> Iterator[list[Row]]:
    """Yield the rows of each class of users, its knee marked."""
    if not target.sees_processes():
        print(f"no server process is found through {target.management_url}: its CPU time stays empty")
    for users in classes:
        print(f"\n{users}", flush=True)
        with target.stand(users, warm_up_s) as (stand, context):
            steps = []
            of_class: list[list[Row]] = []
            for measured in search.steps(stand.measure):
                steps.append(measured)
                of_class.append(rows_of(users, measured, target.limits_ms, context))
                print_step(of_class[-1][0])
            for problem in stand.problems:
                print(f"  wrong: {problem}")
        rows = [row for step_rows in of_class for row in step_rows]
        at_knee = knee_of(steps)
        mark_knee(rows, at_knee)
        print(f"  knee: {at_knee.step.load:.4g} requests/s" if at_knee else "  no rate was sustained", flush=True)
        yield rows


def is_knee(row: Row, users: str) -> bool:
    """Whether a row is that of all requests at the knee of a class of users."""
    return row["users"] == users and row["kind"] == ALL and bool(row["knee"])


if __name__ == "__main__":
    sys.exit(main())
