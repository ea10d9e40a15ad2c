"""Serve the Open Inference Protocol over gRPC, in front of TorchServe or the edge, until Ctrl-C.

python serving/grpc_bridge.py [--backend http://127.0.0.1:8080] [--port 8001] [--routes edge]
"""

from __future__ import annotations

import argparse
import sys

from resay.bridge.opening import needing_grpc
from resay.bridge.settings import (
    DEFAULT_BACKEND,
    DEFAULT_GRACE_SECONDS,
    DEFAULT_MAX_CONCURRENT,
    DEFAULT_MAX_MESSAGE_BYTES,
    DEFAULT_TIMEOUT_SECONDS,
    ROUTES,
    BridgeSettings,
)
from resay.errors import ResayError
from resay.torchserve.json_log import start_json_log
from resay.torchserve.ports import is_loopback


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        settings = BridgeSettings(
            backend=options.backend,
            routes=options.routes,
            host=options.host,
            port=options.port,
            max_message_bytes=options.max_message_bytes,
            max_concurrent=options.max_concurrent,
            timeout_seconds=options.timeout,
            grace_seconds=options.grace,
        )
        with needing_grpc():
            from resay.bridge.server import run_bridge
        if not is_loopback(settings.host):
            print("warning: without TLS, keys and texts are there to read for whoever carries them", file=sys.stderr)
        start_json_log("grpc_bridge")
        run_bridge(
            settings,
            lambda port: print(
                f"The bridge listens at {settings.host}, port {port}, in front of {settings.backend}."
                " Ctrl-C drains and stops it.",
                flush=True,
            ),
            lambda: print("Draining.", flush=True),
        )
    except ResayError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Serve the Open Inference Protocol over gRPC until Ctrl-C.")
    parser.add_argument("--backend", default=DEFAULT_BACKEND, help="TorchServe or the edge (default: %(default)s)")
    parser.add_argument("--routes", choices=list(ROUTES), default="torchserve", help="which of them it is")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port to listen at (default: %(default)s)")
    parser.add_argument(
        "--max-message-bytes", type=int, default=DEFAULT_MAX_MESSAGE_BYTES, help="largest call, and largest reply"
    )
    parser.add_argument(
        "--max-concurrent", type=int, default=DEFAULT_MAX_CONCURRENT, help="calls at a time; more are refused"
    )
    parser.add_argument(
        "--timeout", type=float, default=DEFAULT_TIMEOUT_SECONDS, metavar="SECONDS", help="most time for a call"
    )
    parser.add_argument(
        "--grace", type=float, default=DEFAULT_GRACE_SECONDS, metavar="SECONDS", help="for calls in flight at the end"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
