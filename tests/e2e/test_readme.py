"""The README's own commands, run as a newcomer runs them: the block for one's own text, `make demo`, `make own`."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

PROJECT = Path(__file__).parents[2]
OWN_TEXT = re.compile(r"^## On your own text\n.*?^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def own_text_commands():
    lines = OWN_TEXT.search((PROJECT / "README.md").read_text(encoding="utf-8")).group(1).splitlines()
    return [shlex.split(line) for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a text file of one's own, from which the project's scripts are called by their README names."""
    path = tmp_path_factory.mktemp("own-text")
    for name in ("training", "export", "serving", "handlers"):
        (path / name).symlink_to(PROJECT / name)
    make_corpus = [sys.executable, PROJECT / "training" / "make_corpus.py", "--num-sentences", "600"]
    subprocess.run([*make_corpus, "--out", path / "reviews.txt"], check=True, timeout=60)
    return path


@pytest.mark.timeout(900)
def test_the_commands_for_ones_own_text(folder, start_in):
    train, export, serve = own_text_commands()
    for command in (train, export):
        subprocess.run([sys.executable, *command[1:]], cwd=folder, check=True, timeout=600)
    assert serve[:2] == ["python", "serving/start.py"]
    script = start_in(folder / serve[2], "--exit-after-check", "--example", "The soup was cold.")
    assert script.wait_for_end(timeout_s=180) in (0, 1), script.output
    assert '"candidates"' in script.output


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("target", ["demo", "own"])
def test_a_demonstration_ends_with_every_reply_right(target, unused_port):
    """In a checkout whose own model has been made before, only serving is left to do."""
    command = ["make", target, "ONCE=1", f"PORT={unused_port}"]
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, timeout=1400)
    assert done.returncode == 0, done.stdout + done.stderr
    for sign in ('"embedding"', '"candidates"', '"steps"'):
        assert sign in done.stdout
    assert done.stdout.count("$ curl -X POST") == 5
