"""Have a running edge use another TorchServe, without a failed request, if that one is ready.

python serving/edge/switch.py --run-dir DIR --backend http://127.0.0.1:8090
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.edge.takeover import switch_backend
from resay.errors import ResayError


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Have a running edge use another TorchServe, if that one is ready.")
    parser.add_argument("--run-dir", type=Path, required=True, help="the run folder of serving/edge/start.py")
    parser.add_argument("--backend", required=True, help="the new TorchServe's inference API")
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="patience (default: %(default)s)"
    )
    parser.add_argument("--unchecked", action="store_true", help="do not ask the new one whether it is ready")
    options = parser.parse_args()
    try:
        switch_backend(options.run_dir, options.backend, timeout_s=options.timeout, checked=not options.unchecked)
    except ResayError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The edge uses {options.backend}; the one before has no request of it any more and may be stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
