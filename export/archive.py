"""Write TorchServe archives of an exported model.

python export/archive.py models/NAME --out model_store [--endpoints encode paraphrase ...]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.engine.model_folder import ModelFolder
from resay.errors import ResayError
from resay.torchserve.archive import ArchiveSettings, write_archives
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS, chosen_endpoints
from resay.torchserve.limits import read_limits

PROJECT = Path(__file__).resolve().parent.parent
LIMITS = PROJECT / "serving" / "limits.toml"


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write TorchServe archives of an exported model.")
    parser.add_argument("model", type=Path, help="folder written by export/to_onnx.py")
    parser.add_argument("--out", type=Path, required=True, help="TorchServe's model store")
    parser.add_argument(
        "--endpoints",
        nargs="+",
        default=list(DEFAULT_ENDPOINTS),
        metavar="NAME",
        help="which to write an archive for (default: %(default)s)",
    )
    parser.add_argument("--workers", type=int, default=1, help="worker processes of each endpoint")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--limits", type=Path, default=LIMITS, help="what requests may hold and cost")
    options = parser.parse_args()
    try:
        settings = ArchiveSettings(
            endpoints=chosen_endpoints(options.endpoints),
            num_workers=options.workers,
            device=options.device,
            limits=read_limits(options.limits),
        )
        archives = write_archives(ModelFolder.open(options.model), PROJECT / "handlers", options.out, settings)
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for path in archives:
        print(f"{path}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
