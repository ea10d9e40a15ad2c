"""The commands in the documentation name scripts, flags and targets that exist. `make demo` itself runs elsewhere."""

import json
import re
import shlex
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from resay.edge.routes import PROBES, routes_of
from resay.torchserve.endpoints import ENDPOINTS

EDGE = set(PROBES) | {route.path for route in routes_of(ENDPOINTS)}
PROJECT = Path(__file__).parents[2]
PAGES = [
    path
    for path in (PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted(PROJECT.glob("*/*.md")))
    if path.exists()
]
FENCE = re.compile(r"^```(?:bash|sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands_in(text):
    """Every command of the bash blocks as a list of words; output, comments and prompts left out."""
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.removeprefix("$ ").strip()
            if not re.match(r"(python|make|locust|curl|\.ci/run)\b", line.removeprefix(".venv/bin/")):
                continue
            yield shlex.split(line.removeprefix(".venv/bin/"), comments=True)


COMMANDS = [
    pytest.param(command, id=f"{page.relative_to(PROJECT)}: {' '.join(command)[:60]}")
    for page in PAGES
    for command in commands_in(page.read_text(encoding="utf-8"))
]


@cache
def help_of(script):
    done = subprocess.run(
        [sys.executable, str(PROJECT / script), "--help"], capture_output=True, text=True, cwd=PROJECT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_targets():
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([\w-]+):", text, re.MULTILINE)), set(re.findall(r"^(\w+) \?=", text, re.MULTILINE))


def check_python(words):
    if words[0] in ("-m", "-c"):
        return
    assert (PROJECT / words[0]).is_file(), f"no such script: {words[0]}"
    known = set(re.findall(r"(?<![\w-])--?[\w-]+", help_of(words[0])))
    assert [word for word in words[1:] if word.startswith("-") and word.split("=")[0] not in known] == []


def check_make(words):
    targets, variables = make_targets()
    for word in words:
        name, is_variable, _ = word.partition("=")
        assert name in (variables if is_variable else targets), f"the Makefile does not know {name}"


def check_curl(words):
    for flag, value in pairwise(words):
        if flag in ("-d", "--data") and value.startswith(("{", "[")) and "…" not in value:
            json.loads(value)
    addresses = [urlsplit(word).path for word in words if word.startswith("http")]
    torchserve = rf"/(predictions/({'|'.join(ENDPOINTS)})|ping|metrics|models|api-description)\b"
    assert all(re.search(torchserve, path) or path in EDGE for path in addresses)


def check_locust(words):
    assert (PROJECT / words[words.index("-f") + 1]).is_file()


CHECKS = {"python": check_python, "make": check_make, "curl": check_curl, "locust": check_locust}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_fits_the_project(command):
    if command[0] in CHECKS:
        CHECKS[command[0]](command[1:])
    else:
        assert (PROJECT / command[0]).is_file()


@pytest.mark.parametrize("kind", CHECKS)
def test_every_check_has_something_to_check(kind):
    assert kind in {command.values[0][0] for command in COMMANDS}


def test_readme_shows_both_commands_of_the_first_hour():
    shown = [" ".join(command) for command in commands_in((PROJECT / "README.md").read_text(encoding="utf-8"))]
    assert any(command.startswith("make demo") for command in shown)
    assert "make test" in shown


def test_commands_are_found_and_wrong_ones_rejected():
    lines = [
        "$ make demo  # three minutes",
        "python training/make_corpus.py \\",
        "  --out a --colour red",
        "some output",
    ]
    text = "\n".join(["```bash", *lines, "```", ""])
    make, python = commands_in(text)
    assert make == ["make", "demo"]
    with pytest.raises(AssertionError, match="--colour"):
        check_python(python[1:])
    with pytest.raises(AssertionError, match="no such script"):
        check_python(["training/nothing.py"])
    with pytest.raises(AssertionError, match="does not know tset"):
        check_make(["tset"])
