"""Hold one load on a running server, and fail unless the thresholds hold.

python loadtests/offer_load.py --users interactive --rate 500      arrivals at a rate of their own (open loop)
python loadtests/offer_load.py --users interactive --concurrency 32      users who wait for each answer (closed loop)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from generator.stand import Step
from knee.options import Thresholds, check_users, read_target, shared_options, step_warm_up_s
from knee.progress import print_step
from knee.rows import rows_of, write_rows
from traffic.kinds import USERS

from resay.errors import ResayError


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    users: str = options.users
    try:
        check_users([users])
        thresholds = Thresholds(options)
        target = read_target(options)
        step = Step(
            mode="open" if options.rate else "closed",
            load=options.rate or options.concurrency,
            seconds=options.seconds,
            warm_up_s=step_warm_up_s(options.seconds),
            arrivals=options.arrivals,
            seed=options.seed,
        )
        with target.stand(users, options.warm_up) as (stand, context):
            rows = rows_of(users, stand.measure(step), target.limits_ms, context)
        if options.out:
            with options.out.open("w", newline="", encoding="utf-8") as stream:
                write_rows(stream, rows)
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for row in rows:
        print_step(row)
    for problem in stand.problems:
        print(f"  wrong: {problem}")
    violated = thresholds.violations({users: rows[0]})
    for line in violated:
        print(line, file=sys.stderr)
    return 1 if violated else 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = shared_options("Hold one load on a running server, and fail unless the thresholds hold.")
    parser.add_argument("--users", default="mix", metavar="CLASS", help=f"one of: {', '.join(USERS)}; default: mix")
    load = parser.add_mutually_exclusive_group(required=True)
    load.add_argument("--rate", type=float, help="arrivals a second, whatever becomes of them (open loop)")
    load.add_argument("--concurrency", type=int, help="users, each of whom waits for an answer (closed loop)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table here, as CSV")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
