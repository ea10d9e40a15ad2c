"""Drills of a server's resilience: each starts its own, breaks or strains it, and checks what its clients saw.

python loadtests/drills/run.py [NAME ...] [--model models/NAME] [--seconds N] [--out loadtests/results/drills.csv]
"""

import sys
from pathlib import Path


def run() -> int:
    """Run the command line; return the exit status."""
    # The folder of the packages of the load tests takes the place of this one, which is among them.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from drills.command import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
