"""The command line of the drills."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from knee.rows import commit, hardware

from drills.judging import Finding
from drills.recording import Circumstances, record
from drills.settings import Drill, DrillSettings
from drills.table import DRILLS
from resay.engine.model_folder import ModelFolder
from resay.errors import ResayError
from resay.fitting.record import now

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command line; return 1 if a goal was missed or a drill could not be run."""
    options = parse_options()
    try:
        model = ModelFolder.open(options.model).card.name
    except ResayError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    # Of what is about to run, whatever is committed meanwhile.
    circumstances = Circumstances(commit(), hardware(), model, now())
    all_met = True
    for name in options.names or DRILLS:
        drill = DRILLS[name]
        seconds = options.seconds or drill.seconds
        print(f"\n{name}: {seconds:g} s a load", flush=True)
        findings = run_drill(drill, DrillSettings(options.model, seconds))
        for finding in findings:
            print_finding(finding)
        if findings:
            record(options.out, name, findings, replace(circumstances, time=now()))
        all_met &= bool(findings) and all(finding.met != "no" for finding in findings)
    print("\nevery goal is met" if all_met else "\na goal is missed", flush=True)
    return 0 if all_met else 1


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Drills of a server's resilience: each starts its own, breaks or strains it, and checks what its"
        " clients saw. The exit status is 1 if a goal was missed."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(DRILLS)} (default: all)")
    parser.add_argument("--model", type=Path, default=PROJECT / "models" / "yelp-soft-label")
    parser.add_argument("--seconds", type=float, help="of each load (default: each drill's own)")
    parser.add_argument("--out", type=Path, default=PROJECT / "loadtests" / "results" / "drills.csv")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in DRILLS]
    if unknown:
        parser.error(f"there is no drill {unknown[0]!r}; choose from {', '.join(DRILLS)}")
    return options


def run_drill(drill: Drill, settings: DrillSettings) -> Sequence[Finding]:
    """Return what a drill found; nothing, with a word why, if it could not be run."""
    try:
        with time_limit(drill.most_seconds(settings.seconds)):
            return drill.run(settings)
    except Exception as error:
        traceback.print_exc()
        print(f"error: the drill could not be run: {error}", file=sys.stderr)
        return []


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Break off what runs for longer, wherever it hangs, by a `TimeoutError`; SIGTERM ends it like Ctrl-C."""

    def break_off(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it was broken off after {seconds:g} s")

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, break_off), signal.signal(signal.SIGTERM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous[0])
        signal.signal(signal.SIGTERM, previous[1])


def print_finding(finding: Finding) -> None:
    """Print a line that can be read at a glance."""
    said = {"": "", "yes": f"({finding.goal})", "no": f"MISSED: {finding.goal} is wanted"}[finding.met]
    print(f"  {finding.quantity:64} {finding.value:10.4g} {finding.unit:10} {said}".rstrip(), flush=True)
