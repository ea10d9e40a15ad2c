"""Serve an exported model through TorchServe until Ctrl-C.

python serving/start.py [models/NAME] [--endpoints encode paraphrase ...] [--port 8080] [--workers N] [--device cuda]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.engine.model_folder import ModelFolder
from resay.errors import ResayError
from resay.torchserve.archive import ArchiveSettings
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS, chosen_endpoints
from resay.torchserve.examples import ask_examples
from resay.torchserve.limits import read_limits
from resay.torchserve.ports import is_loopback
from resay.torchserve.server import TOKEN_END, Server, ServerSettings, running_server
from resay.torchserve.stopping import stop_signals
from resay.torchserve.subject import subject_of

PROJECT = Path(__file__).resolve().parent.parent
LIMITS = PROJECT / "serving" / "limits.toml"
RELEASED = PROJECT / "models" / "yelp-soft-label"


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        archive = ArchiveSettings(
            endpoints=chosen_endpoints(options.endpoints),
            num_workers=options.workers,
            device=options.device,
            num_gpus=options.gpus,
            gpu_mem_limit_mb=options.gpu_mem_limit_mb,
            limits=read_limits(options.limits),
        )
        settings = ServerSettings(
            project=PROJECT,
            port=options.port,
            host=options.host,
            archive=archive,
            token_auth=options.token_auth,
            run_parent=options.run_dir,
        )
        folder = ModelFolder.open(options.model)
        warn_of_strangers(options.host, options.token_auth)
        with stop_signals() as stop, running_server(folder, settings, stop) as server:
            if server is None:
                return 0
            right = introduce(server, folder, options.example)
            if options.exit_after_check:
                return 0 if right else 1
            print("\nServing. Ctrl-C stops the server.", flush=True)
            server.wait(stop)
            print("Stopping.", flush=True)
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Serve an exported model through TorchServe until Ctrl-C.")
    parser.add_argument(
        "model",
        type=Path,
        nargs="?",
        default=RELEASED,
        help="folder written by export/to_onnx.py (default: the released model, models/yelp-soft-label)",
    )
    parser.add_argument(
        "--endpoints",
        nargs="+",
        default=list(DEFAULT_ENDPOINTS),
        metavar="NAME",
        help="what to serve; each is a process of its own and costs its memory; encode_bulk is a second encode, for"
        " the large requests that the edge sends there (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, default=8080, help="inference; management and metrics follow")
    parser.add_argument("--host", default="127.0.0.1", help="address of the inference API")
    parser.add_argument("--workers", type=int, default=1, help="worker processes of each endpoint")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--gpus", type=int, default=1, help="GPUs over which the workers of each endpoint are spread")
    parser.add_argument("--gpu-mem-limit-mb", type=int, help="memory that each graph of a worker may take of its GPU")
    parser.add_argument("--token-auth", action="store_true", help=f"ask for TorchServe's tokens; {TOKEN_END}")
    parser.add_argument("--limits", type=Path, default=LIMITS, help="what requests may hold and cost")
    parser.add_argument("--run-dir", type=Path, help="keep archives, configuration and logs in here")
    parser.add_argument("--example", help="sentence for the example requests")
    parser.add_argument("--exit-after-check", action="store_true", help="stop after the example requests")
    return parser.parse_args()


def warn_of_strangers(host: str, token_auth: bool) -> None:
    """Say it when other machines may reach the server and nobody asks who they are."""
    if not token_auth and not is_loopback(host):
        print(
            f"warning: the inference API listens on {host}, and answers everybody who can reach it; keep it behind"
            " a proxy of yours, or ask for tokens with --token-auth",
            file=sys.stderr,
        )


def introduce(server: Server, folder: ModelFolder, text: str | None) -> bool:
    """Ask each endpoint once; print addresses, commands and replies; return whether all is right."""
    subject = subject_of(folder.card, text)
    answers = ask_examples(server.inference_url, server.headers(), subject, server.endpoints)
    print(server.summary(folder.card.name))
    for answer in answers:
        print(f"\n{answer.for_reading(server.inference_url, server.token_command())}", flush=True)
        for problem in answer.problems:
            print(f"warning: {problem}", file=sys.stderr)
    return not any(answer.problems for answer in answers)


if __name__ == "__main__":
    sys.exit(main())
