"""The losses are worth importing into any project: they bring torch, numpy and little else."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

STATEMENT = """from resay.losses import (
    CrossEntropyLoss, SoftLabelLoss, WeightedCrossEntropyLoss, WeightedSimilarityLoss,
)
"""
# Of others, beyond torch and what torch brings. tokenizers is one compiled module that resay depends on.
ALLOWED = {"jaxtyping", "numpy", "resay", "tokenizers", "wadler_lindig"}
HEAVY = {
    "accelerate", "fasttext", "huggingface_hub", "matplotlib", "onnx", "onnxruntime", "pandas", "pydantic",
    "safetensors", "scipy", "sklearn", "sympy", "tensorboard", "torch._dynamo", "torch._inductor", "torch.onnx",
    "torchserve", "tqdm", "transformers", "triton", "ts",
}  # fmt: skip

IMPORT = f"""
import json, sys
import torch
before = set(sys.modules)
{STATEMENT}
print(json.dumps(sorted(set(sys.modules) - before)))
"""

# `pip install resay torch`: every other installed package cannot be found.
BARE = f"""
import sys
hidden = set(sys.argv[1:])
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
import torch
{STATEMENT}
vectors, targets = torch.rand(9, 3), torch.arange(6)
similar = [loss(vectors) for loss in (SoftLabelLoss, WeightedCrossEntropyLoss, WeightedSimilarityLoss)]
for loss in [CrossEntropyLoss(), *similar]:
    hidden_states = torch.randn(6, 2, requires_grad=True)
    loss.fused(hidden_states, torch.randn(9, 2), None, targets).backward()
    loss(torch.randn(6, 9, requires_grad=True), targets).backward()
print("ok", len(hidden))
"""


def run(code, *arguments):
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def imported():
    return set(json.loads(run(IMPORT)))


def test_losses_import_nothing_heavy(imported):
    parents = {name for name in HEAVY for module in imported if module == name or module.startswith(f"{name}.")}
    assert parents == set()


def test_losses_import_few_packages(imported):
    packages = {module.partition(".")[0] for module in imported} - set(sys.stdlib_module_names)
    assert "resay" in packages
    assert packages - ALLOWED == set()


def required(name, found):
    """Add a distribution and all that it requires here, without extras, to ``found``."""
    if canonicalize_name(name) in found:
        return
    found.add(canonicalize_name(name))
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            required(requirement.name, found)


def test_losses_work_where_only_resay_and_torch_are_installed(project):
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {"resay"}
    for text in [*settings["project"]["dependencies"], "torch"]:
        required(Requirement(text).name, wanted)
    hidden = [
        package
        for package, owners in packages_distributions().items()
        if package.isidentifier() and not {canonicalize_name(owner) for owner in owners} & wanted
    ]
    assert {"accelerate", "fasttext", "onnx", "onnxruntime", "safetensors"} <= set(hidden)
    assert re.fullmatch(r"ok \d+\n", run(BARE, *hidden))
