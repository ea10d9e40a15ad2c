"""What `pip install resay` puts into an environment."""

import shutil
import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="module")
def wheel_names(project, tmp_path_factory):
    """Names inside a wheel that is built from a copy: the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project / name, copy / name)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("src", "training", "export", "handlers", "serving", "loadtests", "tests"):
        shutil.copytree(project / name, copy / name, ignore=ignore)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (copy / "dist").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_resay_alone(wheel_names):
    assert {name.split("/")[0] for name in wheel_names if ".dist-info/" not in name} == {"resay"}


def test_wheel_holds_every_module_and_the_type_marker(wheel_names, project):
    source = project / "src"
    modules = {str(path.relative_to(source)) for path in source.rglob("*.py")}
    assert modules <= wheel_names
    assert "resay/py.typed" in wheel_names


def test_wheel_holds_the_data_that_modules_read(wheel_names, project):
    library = project / "src"
    data = {str(path.relative_to(library)) for kind in ("*.txt", "*.toml") for path in (library / "resay").rglob(kind)}
    assert "resay/evaluation/latents/paper.toml" in data
    assert data <= wheel_names


def test_wheel_holds_the_licence(wheel_names):
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel_names)
