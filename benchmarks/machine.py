"""What a measurement was taken on."""

import functools
import subprocess
from importlib import metadata
from pathlib import Path

import torch


def processor(device: str) -> str:
    """Return the name of the GPU, or of the processor."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    fields = dict(line.replace("\t", "").split(": ", 1) for line in lines if ": " in line)
    return f"{fields.get('model name', 'unknown')} (family {fields.get('cpu family')} model {fields.get('model')})"


@functools.cache
def git_describe() -> str:
    """Return resay's version with its commit at the first call, "+changes" where the library's files differ from it."""
    version = metadata.version("resay")
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True).stdout

    try:
        commit = git("rev-parse", "--short", "HEAD").strip()
        changes = git("status", "--porcelain", "--", "../src")
    except (OSError, subprocess.CalledProcessError):
        return version
    return f"{version} {commit}{'+changes' if changes else ''}"
