"""Rules about the source files that no linter knows."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

SCRIPT_FOLDERS = ("training", "export", "handlers", "serving", "loadtests", "benchmarks")
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
DEVELOPER_PATH = re.compile(r"(?<![\w.~$}/-])/(?:home/(?!me\b)|Users/|work/|root/|mnt/)\w")


def code_files(project):
    for folder in ("src", *SCRIPT_FOLDERS):
        yield from sorted((project / folder).rglob("*.py"))


def unsafe_uses(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names if item.name.split(".")[0] in UNSAFE_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNSAFE_MODULES:
            yield node.module
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("torch.load", "torch.save"):
                yield called
            if any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in node.keywords):
                yield f"{called}(allow_pickle=...)"


def test_unsafe_uses_are_seen():
    unsafe = ["import pickle", "from joblib import load", "torch.load(path)", "np.load(path, allow_pickle=True)"]
    source = "\n".join([*unsafe, "np.load(path, allow_pickle=False)", "import json"])
    assert len(list(unsafe_uses(ast.parse(source)))) == len(unsafe)


def test_nothing_is_pickled(project):
    found = {
        str(path): uses
        for path in code_files(project)
        if (uses := list(unsafe_uses(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {}


def test_scripts_shadow_no_module(project):
    """A script's folder comes first on sys.path: export/onnx.py would be what `import onnx` finds."""
    taken = set(sys.stdlib_module_names) | set(packages_distributions())
    for folder in SCRIPT_FOLDERS:
        for path in (project / folder).glob("*.py"):
            assert path.stem not in taken | {"__init__"}, path


def test_no_path_of_one_machine(text_files):
    found = {
        f"{path}:{number}": line
        for path, text in text_files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if DEVELOPER_PATH.search(line)
    }
    assert found == {}
