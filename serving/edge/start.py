"""Run the edge, an nginx in front of TorchServe, until Ctrl-C.

python serving/edge/start.py --certificate cert.pem --key key.pem --keys keys.toml [--backend http://127.0.0.1:8080]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.edge.edge import Edge, running_edge
from resay.edge.rates import Rate
from resay.edge.settings import BULK_BYTES, EdgeSettings
from resay.errors import ResayError, SettingsError
from resay.torchserve.configuration import read_properties
from resay.torchserve.endpoints import BULK_LANES, DEFAULT_ENDPOINTS, chosen_endpoints
from resay.torchserve.limits import read_limits
from resay.torchserve.ports import is_loopback
from resay.torchserve.stopping import stop_signals

TEMPLATES = Path(__file__).resolve().parent
SERVING = TEMPLATES.parent


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        settings = read_settings(options)
        with (
            stop_signals() as stop,
            running_edge(settings, TEMPLATES, stop, run_folder=options.run_dir, access_log=options.access_log) as edge,
        ):
            if edge is None:
                return 0
            introduce(edge, settings)
            edge.serve(stop, lambda told: print(told, flush=True))
            print("Draining.", flush=True)
            if not edge.drain():
                print("warning: not everything that was accepted could be answered", file=sys.stderr)
                return 1
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def read_settings(options: argparse.Namespace) -> EdgeSettings:
    """Return the settings of the command line, and the body limits of serving/limits.toml."""
    if not options.no_tls and options.certificate is None:
        raise SettingsError("name --certificate and --key; or say --no-tls behind something that speaks TLS itself")
    endpoints = chosen_endpoints(options.endpoints)
    if options.bulk_bytes is not None and not set(endpoints) & set(BULK_LANES.values()):
        raise SettingsError(f"--bulk-bytes needs one of {', '.join(BULK_LANES.values())} among --endpoints")
    return EdgeSettings(
        backend=options.backend,
        host=options.host,
        port=options.port,
        certificate=None if options.no_tls else options.certificate,
        private_key=None if options.no_tls else options.key,
        keys=options.keys,
        open_to_all=options.open,
        rate=Rate.parse(options.rate),
        burst=options.burst,
        endpoints=endpoints,
        max_body_bytes=body_limits(endpoints, options.limits),
        bulk_bytes=BULK_BYTES if options.bulk_bytes is None else options.bulk_bytes,
        connections=options.connections,
        num_processes=options.processes,
        client_timeout_s=options.client_timeout,
        upstream_timeout_s=options.upstream_timeout,
        drain_notice_s=options.drain_notice,
        drain_timeout_s=options.drain_timeout,
    )


def body_limits(endpoints: tuple[str, ...], path: Path) -> dict[str, int]:
    """Return the largest body of each endpoint: its own limit, or TorchServe's if that is smaller or the only one."""
    limits = read_limits(path)
    properties = read_properties((SERVING / "config.properties").read_text(encoding="utf-8"))
    most = int(properties["max_request_size"])
    return {name: min(most, int(limits.get(name, {}).get("max_body_bytes", most))) for name in endpoints}


def introduce(edge: Edge, settings: EdgeSettings) -> None:
    """Print where the edge is."""
    if settings.certificate is None and not is_loopback(settings.host):
        print("warning: without TLS, keys and texts are there to read for whoever carries them", file=sys.stderr)
    asked = f"the keys of {settings.keys}" if settings.keys else "no keys: everybody who can reach it is served"
    print(
        f"The edge listens.\n"
        f"  address     {settings.url}\n"
        f"  backend     {settings.backend}\n"
        f"  asks for    {asked}\n"
        f"  run folder  {edge.run.root}\n"
        "Ctrl-C drains and stops it.",
        flush=True,
    )


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Run the edge, an nginx in front of TorchServe, until Ctrl-C.")
    parser.add_argument("--backend", default="http://127.0.0.1:8080", help="TorchServe (default: %(default)s)")
    parser.add_argument(
        "--endpoints", nargs="+", default=list(DEFAULT_ENDPOINTS), metavar="NAME", help="what it serves"
    )
    parser.add_argument(
        "--bulk-bytes",
        type=int,
        metavar="N",
        help="encode's requests of so many bytes, or of unknown length, go to encode_bulk, if that is among the"
        f" endpoints (default: {BULK_BYTES})",
    )
    parser.add_argument("--host", default="0.0.0.0", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8443, help="port to listen at (default: %(default)s)")
    parser.add_argument("--certificate", type=Path, help="chain of certificates, PEM")
    parser.add_argument("--key", type=Path, help="the certificate's private key, PEM")
    parser.add_argument("--no-tls", action="store_true", help="plain HTTP, for behind something that speaks TLS itself")
    parser.add_argument("--keys", type=Path, help="file of API keys, of serving/edge/keys.py; it may change meanwhile")
    parser.add_argument("--open", action="store_true", help="without --keys: serve everybody, from other machines too")
    parser.add_argument("--rate", default="50/s", help="requests of a key, or without keys of an address, a second")
    parser.add_argument(
        "--burst", type=int, help="requests beyond the rate before one is refused (default: two seconds' worth)"
    )
    parser.add_argument("--connections", type=int, default=512, help="requests of one address at a time")
    parser.add_argument("--limits", type=Path, default=SERVING / "limits.toml", help="where the body limits stand")
    parser.add_argument(
        "--client-timeout", type=int, default=10, metavar="SECONDS", help="for a client's headers, and between bytes"
    )
    parser.add_argument("--upstream-timeout", type=int, default=65, metavar="SECONDS", help="patience with TorchServe")
    parser.add_argument(
        "--drain-notice", type=float, default=2.0, metavar="SECONDS", help="between /readyz saying 503 and the drain"
    )
    parser.add_argument("--drain-timeout", type=int, default=30, metavar="SECONDS", help="for requests in flight")
    parser.add_argument("--processes", type=int, default=2, help="of nginx")
    parser.add_argument("--run-dir", type=Path, help="keep configuration and log in here (default: a temporary folder)")
    parser.add_argument("--access-log", type=Path, help="default: access.log in the run folder; may be /dev/stdout")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
