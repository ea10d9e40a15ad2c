"""requirements.lock pins what pyproject.toml asks for."""

import re
import tomllib
from importlib.metadata import version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

NOT_LOCKED = ("gpu", "evaluation")
"""Extras that `make venv` leaves out: the one excludes `cpu`, the other is a judge of 200 MB."""


def pins(project):
    lines = (project / "requirements.lock").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in entries if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    return {canonicalize_name(name): pinned for name, pinned in (line.split("==") for line in entries)}


def test_every_requirement_is_pinned_and_fits(project):
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    groups = settings["project"]["optional-dependencies"]
    wanted = settings["project"]["dependencies"] + settings["build-system"]["requires"]
    wanted += [text for extra, texts in groups.items() if extra not in NOT_LOCKED for text in texts]
    pinned = pins(project)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_tests_run_on_the_pinned_versions(project):
    other = {
        name: installed
        for name, pinned in pins(project).items()
        if Version(installed := version(name)).public != Version(pinned).public
    }
    assert other == {}
