"""Folders that hold a whole Debian, and commands that see nothing else.

Debian 12 with its own Python 3.11 stands in for the image python:3.11-slim-bookworm, which is the same Debian with a
Python of its own below /usr/local.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from resay.errors import SettingsError

SUITE = "bookworm"
PACKAGES = "ca-certificates,python3.11,python3.11-venv,python3-pip"
DEVICES = ("null", "zero", "full", "random", "urandom")
_PASSED_ON = ("PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy")
_CERTIFICATES = "/run/certificates.pem"


def make_base(root: Path, mirror: str, tarball: Path | None) -> None:
    """Fill a folder with the stand-in for the Python image, from a tarball of a former time if there is one."""
    root.mkdir(parents=True)
    if tarball is not None and tarball.exists():
        subprocess.run(["tar", "--extract", "--file", tarball, "--directory", root], check=True)
        return
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root), mirror]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root / "var/cache/apt/archives")
    for name, target in {"python": "python3.11", "python3": "python3.11", "pip": "pip3"}.items():
        (root / "usr/local/bin" / name).symlink_to(f"/usr/bin/{target}")
    for updates in ("updates", "security"):
        folder = "debian-security" if updates == "security" else "debian"
        line = f"deb {mirror.removesuffix('/debian')}/{folder} {SUITE}-{updates} main\n"
        (root / f"etc/apt/sources.list.d/{updates}.list").write_text(line, encoding="ascii")
    if tarball is not None:
        tarball.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "--create", "--file", tarball, "--directory", root, "."], check=True)


def copy_root(source: Path, target: Path) -> None:
    """Copy a whole root with owners, modes and links."""
    subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)


def size_in_bytes(root: Path) -> int:
    """Return what a root takes on disk."""
    out = subprocess.run(["du", "-s", "--block-size=1", root], check=True, capture_output=True, text=True)
    return int(out.stdout.split()[0])


def run_in(root: Path, shell: str, environment: Mapping[str, str], folder: str) -> None:
    """Run shell commands as root in a root, with the network, as a RUN instruction is.

    Raises:
        SettingsError: If they fail.
    """
    certificates = os.environ.get("PIP_CERT")
    setup = [
        "mount --make-rprivate /",
        *device_mounts(root),
        f"mount -t proc proc {root}/proc",
        f"mount -t tmpfs tmpfs {root}/run",
        # Mounted, so that the machine's own name servers are not left behind in the image.
        f"touch {root}/etc/resolv.conf",
        f"mount --bind /etc/resolv.conf {root}/etc/resolv.conf",
        *([f"cp {shlex.quote(certificates)} {root}{_CERTIFICATES}"] if certificates else []),
    ]
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    if certificates:
        passed_on["PIP_CERT"] = _CERTIFICATES
    command = chroot_command(root, ["/bin/sh", "-ec", shell], dict(environment) | passed_on, folder)
    script = "\n".join(["set -e", *setup, f"exec {shlex.join(command)}"])
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", script])
    if done.returncode:
        raise SettingsError(f"RUN {shell} ended with status {done.returncode}")


def chroot_command(root: Path, command: Sequence[str], environment: Mapping[str, str], folder: str) -> list[str]:
    """Return what runs a command in a root, with this environment alone."""
    values = [f"{name}={value}" for name, value in environment.items()]
    return ["chroot", str(root), "/usr/bin/env", "--ignore-environment", f"--chdir={folder}", *values, *command]


def device_mounts(root: Path) -> list[str]:
    """Return the commands that give a root the few devices that a container has."""
    commands = [f"mount -t tmpfs -o mode=755,nosuid tmpfs {root}/dev"]
    for name in DEVICES:
        commands += [f"touch {root}/dev/{name}", f"mount --bind /dev/{name} {root}/dev/{name}"]
    # Where a process finds its own standard streams.
    links = {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
    commands += [f"ln -s /proc/self/{target} {root}/dev/{name}" for name, target in links.items()]
    return [*commands, f"mount -o remount,ro,mode=755,nosuid {root}/dev", f"test -c {root}/dev/null"]
