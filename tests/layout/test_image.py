"""The Dockerfile, as far as it can be judged without building it."""

import re
from fnmatch import fnmatch

import pytest


@pytest.fixture(scope="module")
def instructions(project):
    text = (project / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_every_copied_file_exists_and_is_sent(project, instructions):
    ignored = [
        line.rstrip("/")
        for line in (project / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    copied = [rest.split()[:-1] for name, rest in instructions if name == "COPY" and "--from" not in rest]
    sources = [word.rstrip("/") for words in copied for word in words if not word.startswith("--")]
    assert len(sources) > 3
    for source in sources:
        assert (project / source).exists(), source
        kept = any(pattern == f"!{source}" for pattern in ignored)
        assert kept or not any(fnmatch(source, pattern) for pattern in ignored), source


def test_server_runs_as_an_ordinary_user(instructions):
    users = [rest for name, rest in instructions if name == "USER"]
    assert users
    assert users[-1] not in ("root", "0")


def test_entry_point_is_the_server(instructions):
    settings = dict(instructions)
    assert settings["EXPOSE"] == "8080"
    assert re.search(r"serving/start\.py", settings["ENTRYPOINT"])


def test_health_is_asked_of_the_workers(instructions):
    assert "serving/health.py" in dict(instructions)["HEALTHCHECK"]


def test_the_shown_commands_publish_on_loopback(project):
    text = (project / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"-p (\S+)", text) == ["127.0.0.1:8080:8080"] * 2


def test_ignored_files_stay_out_of_the_image(project):
    text = (project / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv", "runs"} <= {line.rstrip("/") for line in text}
