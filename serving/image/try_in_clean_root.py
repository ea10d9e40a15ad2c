"""Carry out the Dockerfile without an engine and try the result: a clean Debian root, the same steps, a hardened start.

sudo .venv/bin/python serving/image/try_in_clean_root.py [--target cpu] [--base-tarball build/base.tar]

It needs root, debootstrap, util-linux, iproute2, a Debian mirror and PyPI. It takes the instructions from the
Dockerfile itself and stops at one that it does not understand. Debian's own Python 3.11 stands in for the Python image.
The entry point then runs as process 1 of its own namespaces: as the image's user, without capabilities, without
network, on a root that is mounted read-only, with one writable /tmp. It has to become healthy, answer, and end with
status 0 when it is told to stop. The edge is tried in front of a server, and stopped first. PIP_INDEX_URL, PIP_CERT
and http_proxy are passed on to the steps.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from build_steps import Image, build_stage
from clean_root import make_base, size_in_bytes
from contained import Contained, contained
from dockerfile import needed_stages, read_stages
from edge_files import EDGE_FOLDER, make_edge_files
from questions import QUESTIONS, check_hardening

from resay.errors import ResayError

PROJECT = Path(__file__).resolve().parent.parent.parent
MIRROR = "http://deb.debian.org/debian"
MEGABYTE = 1_000_000
HEALTHY_S = 180.0
STOP_S = 60.0
# What is started for a target, where that is not the target alone.
STARTED: Mapping[str, tuple[str, ...]] = {"edge": ("cpu", "edge")}


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    if os.geteuid() != 0:
        print("error: chroot and mounts need root: run this with sudo", file=sys.stderr)
        return 1
    work = Path(tempfile.mkdtemp(prefix="image-", dir=options.work_dir))
    try:
        images = build(options, work)
        if not options.build_only:
            serve(images, options, work)
    except (ResayError, OSError, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work)
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Carry out the Dockerfile in a clean Debian root and try the result.")
    parser.add_argument("--target", default="cpu", help="stage of the Dockerfile (default: %(default)s)")
    parser.add_argument("--base-tarball", type=Path, help="the clean root: read if it exists, else written")
    parser.add_argument("--work-dir", type=Path, help="where the roots are made; 3 GB for cpu, 12 GB for gpu")
    parser.add_argument("--mirror", default=MIRROR, help="Debian mirror (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave the roots behind")
    parser.add_argument("--build-only", action="store_true", help="do not start it: a gpu image without a GPU")
    parser.add_argument("--writable-mb", type=int, default=1024, help="size of /tmp (default: %(default)s)")
    return parser.parse_args()


def build(options: argparse.Namespace, work: Path) -> dict[str, Image]:
    """Make the roots of all stages that are needed; return the images by stage."""
    start = time.monotonic()
    stages = read_stages((PROJECT / "Dockerfile").read_text(encoding="utf-8"))
    started = STARTED.get(options.target, (options.target,))
    names = {stage.name for target in started for stage in needed_stages(stages, target)}
    needed = [stage for name, stage in stages.items() if name in names]
    base = work / "base"
    make_base(base, options.mirror, options.base_tarball)
    print(f"clean root: {time.monotonic() - start:.0f} s")
    images = {stage.base: Image(base) for stage in needed if stage.base not in stages}
    for stage in needed:
        start = time.monotonic()
        print(f"stage {stage.name}, from {stage.base}", flush=True)
        images[stage.name] = build_stage(stage, images, PROJECT, work / stage.name)
        print(f"stage {stage.name}: {time.monotonic() - start:.0f} s", flush=True)
    base_size = size_in_bytes(base)
    for target in started:
        size = size_in_bytes(images[target].root)
        print(f"image {target}: {size / MEGABYTE:.0f} MB, of them {base_size / MEGABYTE:.0f} MB base")
    return images


def serve(images: Mapping[str, Image], options: argparse.Namespace, work: Path) -> None:
    """Start what belongs to the target, ask it, stop it: the edge first, then the server.

    Raises:
        ResayError: If anything is not as it has to be.
    """
    server, *edge = STARTED.get(options.target, (options.target,))
    with contained(images[server], writable_mb=options.writable_mb) as running:
        examine(server, running)
        if edge:
            files = make_edge_files(PROJECT, work / "edge-files", images["edge"].user)
            arguments = [word.replace("http://server:", "http://127.0.0.1:") for word in images["edge"].command]
            with contained(
                images["edge"], arguments, writable_mb=16, mounted={files: EDGE_FOLDER}, beside=running
            ) as front:
                examine("edge", front)
                stop("edge", front)
        stop(server, running)


def examine(name: str, running: Contained) -> None:
    """Wait until an entry point is healthy, ask all that it has to answer, and measure it."""
    print(f"{name}: healthy after {running.wait_until_healthy(HEALTHY_S):.1f} s")
    check_hardening(running)
    for question in QUESTIONS[name]:
        print(f"{name}: {question(running)}")
    written = running.ask(["du", "-s", "--block-size=1M", "/tmp"]).stdout.split()[0]
    print(f"{name}: {running.memory_in_bytes() / MEGABYTE:.0f} MB in processes, {written} MB in /tmp")


def stop(name: str, running: Contained) -> None:
    """Tell an entry point to stop.

    Raises:
        ResayError: If it does not end with status 0.
    """
    status, seconds = running.stop(STOP_S)
    print(f"{name}: stopped with status {status} after {seconds:.1f} s")
    if status:
        raise ResayError(f"{name} must end with status 0 on {running.image.stop_signal}; it ended with {status}")


if __name__ == "__main__":
    sys.exit(main())
