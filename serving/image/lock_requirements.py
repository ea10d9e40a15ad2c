"""Write the lists that the images are installed from: every package by version and SHA-256, as PyPI has it.

python serving/image/lock_requirements.py [--index-url https://pypi.org/simple]

Versions are those of requirements.lock; what is not in there (the packages of CUDA) is the newest that fits. Run it on
Linux with Python 3.11, after a change of requirements.lock or of pyproject.toml. Nothing is installed; pip loads
metadata only, where the index offers it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent.parent
LOCK = PROJECT / "requirements.lock"
PYPI = "https://pypi.org/simple"
X86_64 = "x86_64"
ARM_64 = "aarch64"
PROCESSORS: Mapping[str, tuple[str, ...]] = {
    "build": (X86_64, ARM_64),
    "cpu": (X86_64, ARM_64),
    "gpu": (X86_64,),
    "edge": (X86_64, ARM_64),
}
EXTRAS: Mapping[str, tuple[str, ...]] = {"cpu": ("cpu", "serve"), "gpu": ("gpu", "serve"), "edge": ()}
# torch: serving/image/torch_stand_in/torch.py is all that a server needs of it.
LEFT_OUT = ("torch",)
# The newest C library that a wheel may ask for; Debian 12 has 2.36.
GLIBC_MINORS = range(36, 4, -1)


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write serving/image/requirements-*.txt, with hashes.")
    parser.add_argument("--index-url", default=PYPI, help="PyPI or a mirror of it (default: %(default)s)")
    index_url = parser.parse_args().index_url
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, processors in PROCESSORS.items():
        wanted = requirements_of(name, pyproject, LOCK.read_text(encoding="utf-8"))
        hashes: dict[str, set[str]] = {}
        for processor in processors:
            for pin, digest in resolved(wanted, processor, index_url).items():
                hashes.setdefault(pin, set()).add(digest)
        target = FOLDER / f"requirements-{name}.txt"
        target.write_text(rendered(hashes, processors), encoding="utf-8")
        print(f"{target.relative_to(PROJECT)}: {len(hashes)} packages")
    return 0


def requirements_of(name: str, pyproject: Mapping[str, Any], lock: str) -> list[str]:
    """Return what a list has to hold at least, as pyproject.toml asks for it."""
    if name == "build":
        return list(pyproject["build-system"]["requires"])
    project = pyproject["project"]
    wanted = list(project["dependencies"])
    for extra in EXTRAS[name]:
        wanted += project["optional-dependencies"][extra]
    wanted = [text for text in wanted if bare_name(text) not in LEFT_OUT]
    runtime = re.search(r"^onnxruntime==(\S+)$", lock, re.MULTILINE)
    if runtime is None:
        raise SystemExit(f"error: {LOCK} pins no onnxruntime, whose version onnxruntime-gpu takes")
    # One version for both devices, so that a model is checked on what it runs on.
    return [f"{text},=={runtime[1]}" if bare_name(text) == "onnxruntime-gpu" else text for text in wanted]


def bare_name(requirement: str) -> str:
    """Return a requirement's package name, without extras and versions."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def resolved(requirements: Sequence[str], processor: str, index_url: str) -> dict[str, str]:
    """Return ``name==version`` of everything that has to be installed, with the SHA-256 of its wheel."""
    platforms = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC_MINORS]
    platforms += [f"manylinux{year}_{processor}" for year in ("2014", "2010", "1")]
    # Only the index given may answer: a folder of wheels on this machine would give hashes that nobody else can meet.
    redirecting = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
    environment = {name: value for name, value in os.environ.items() if name not in redirecting}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--index-url", index_url, "--constraint", str(LOCK), "--only-binary", ":all:"]
        command += ["--target", str(Path(folder) / "unused"), "--python-version", "3.11", "--implementation", "cp"]
        command += [word for platform in platforms for word in ("--platform", platform)]
        command += ["--report", str(report), *requirements]
        subprocess.run(command, check=True, env=environment | {"PIP_CONFIG_FILE": os.devnull})
        items = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        f"{item['metadata']['name'].lower().replace('_', '-')}=={item['metadata']['version']}": item["download_info"][
            "archive_info"
        ]["hashes"]["sha256"]
        for item in items
    }


def rendered(hashes: Mapping[str, set[str]], processors: Sequence[str]) -> str:
    """Return the text of a list, in pip's format."""
    head = (
        "# Written by serving/image/lock_requirements.py from pyproject.toml, requirements.lock and PyPI.\n"
        f"# Wheels for Python 3.11 on Linux, {' and '.join(processors)}.\n"
    )
    entries = [
        f"{pin} \\\n" + " \\\n".join(f"    --hash=sha256:{digest}" for digest in sorted(digests))
        for pin, digests in sorted(hashes.items())
    ]
    return head + "\n".join(entries) + "\n"


if __name__ == "__main__":
    sys.exit(main())
