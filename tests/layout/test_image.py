"""The Dockerfile, as far as it can be judged without building it."""

import importlib
import json
import re
import tomllib

import pytest

SERVERS = ("cpu", "gpu")
PROGRAMS = {"cpu": "serving/start.py", "gpu": "serving/start.py", "edge": "serving/edge/start.py"}


@pytest.fixture(scope="module")
def stages(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "serving" / "image")
        dockerfile = importlib.import_module("dockerfile")
    return dockerfile.read_stages((project / "Dockerfile").read_text(encoding="utf-8"))


def chain(stages, target):
    """All instructions that make up an image, those of its bases first."""
    stage = stages[target]
    return (chain(stages, stage.base) if stage.base in stages else []) + stage.instructions


def last(stages, target, name):
    return [item.text for item in chain(stages, target) if item.name == name][-1]


def test_default_target_is_the_cpu(stages):
    assert list(stages)[-1] == "cpu"


@pytest.mark.parametrize("target", PROGRAMS)
def test_image_runs_as_a_numbered_user(stages, target):
    user = last(stages, target, "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    added = " ".join(item.text for item in chain(stages, target) if item.name == "RUN")
    assert f"--uid {user.split(':')[0]} " in added


@pytest.mark.parametrize("target", PROGRAMS)
def test_signals_reach_the_program_itself(stages, target):
    entry_point = json.loads(last(stages, target, "ENTRYPOINT"))
    assert entry_point[:2] == ["python", PROGRAMS[target]]
    assert last(stages, target, "STOPSIGNAL") == "SIGTERM"
    assert ("cuda" in entry_point) == (target == "gpu")


@pytest.mark.parametrize("target", PROGRAMS)
def test_command_follows_the_entry_point(stages, target):
    """An ENTRYPOINT forgets the CMD of its base."""
    names = [item.name for item in stages[target].instructions]
    assert names.index("CMD") > names.index("ENTRYPOINT")


@pytest.mark.parametrize("target", SERVERS)
def test_health_is_asked_of_the_workers(stages, target):
    assert json.loads(last(stages, target, "HEALTHCHECK").partition("CMD ")[2]) == ["python", "serving/health.py"]


def test_health_of_the_edge_is_asked_of_itself(stages):
    command = json.loads(last(stages, "edge", "HEALTHCHECK").partition("CMD ")[2])
    assert command == ["python", "serving/image/edge_health.py"]


@pytest.mark.parametrize("target", SERVERS)
def test_image_installs_nothing_itself(stages, target):
    """Compilers, pip and its cache are left behind in the stages that it copies from."""
    commands = [item.text for item in chain(stages, target) if item.name == "RUN"]
    assert [command for command in commands if re.search(r"\b(pip|gcc|g\+\+|make|apt-get)\b", command)] == []


def test_every_package_from_an_index_is_checked_by_its_hash(stages):
    commands = [part for stage in stages.values() for item in stage.instructions for part in item.text.split("&&")]
    installs = [command for command in commands if re.search(r"\bpip\b.*\b(install|wheel)\b", command)]
    assert len(installs) > 4
    for command in installs:
        offline = "--no-index" in command or "--no-build-isolation" in command
        assert offline or {"--require-hashes", "--only-binary"} <= set(command.split()), command


def test_version_label_is_that_of_the_package(project, stages):
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'image.version="{version}"' in last(stages, "cpu", "LABEL")


def test_base_image_has_a_tag_or_a_digest(project):
    text = (project / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11-\S+$", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) <= {"${PYTHON_IMAGE}", "user", "server", "environment"}


def test_shown_commands_publish_on_loopback_and_write_nothing(project):
    text = (project / "Dockerfile").read_text(encoding="utf-8")
    shown = re.findall(r"^# +(docker run .*)", text, re.MULTILINE)
    assert len(shown) == 2
    assert all("-p 127.0.0.1:8080:8080" in command for command in shown)
    assert all("--read-only --tmpfs /tmp" in command for command in shown)
