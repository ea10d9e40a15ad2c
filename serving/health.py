"""Exit with 0 if every worker of a server on this machine is ready: what an orchestrator asks.

python serving/health.py [--port 8080]

TorchServe's own /ping is healthy even when no model can be loaded.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from resay.torchserve.ports import LOOPBACK
from resay.torchserve.readiness import registered_models, workers_ready


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Exit with 0 if every worker of a server is ready.")
    parser.add_argument("--port", type=int, default=8080, help="the inference port that the server was given")
    parser.add_argument("--key-file", type=Path, help="with --token-auth, the server's key_file.json")
    options = parser.parse_args()
    url = f"http://{LOOPBACK}:{options.port + 1}"
    headers = management_header(options.key_file)
    models = registered_models(url, headers)
    if not models:
        print(f"not ready: no server at {url} that names its models", file=sys.stderr)
        return 1
    missing = [model for model in models if not workers_ready(url, model, headers)]
    if missing:
        print(f"not ready: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def management_header(key_file: Path | None) -> dict[str, str]:
    """Return the header that a server with tokens asks for; by default its key file is looked for where it runs."""
    found = [key_file] if key_file else sorted(Path(tempfile.gettempdir()).glob("resay-*/key_file.json"))
    if not found:
        return {}
    try:
        tokens = json.loads(found[-1].read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # being written
    return {"Authorization": f"Bearer {tokens['management']['key']}"}


if __name__ == "__main__":
    sys.exit(main())
