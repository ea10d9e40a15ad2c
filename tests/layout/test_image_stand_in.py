"""TorchServe's workers run with what serving/image/torch_stand_in says torch is."""

import os
import subprocess
import sys

import pytest

WORKER = """
import struct
import ts.model_service_worker
import ts.model_loader
import torch
from ts.context import Context, RequestProcessor
from ts.protocol.otf_message_handler import create_predict_response

context = Context("encode", ".", {}, 1, 0, "1.13")
context.request_ids = {0: "a"}
context.request_processor = [RequestProcessor({})]
context.stopping_criteria = None
message = bytes(create_predict_response([b"reply"], {0: "a"}, "done", 200, context))
assert struct.pack("!i", 5) + b"reply" in message, message
# Neither bytes nor text: the way on which the class is asked for.
assert b'"k": 1' in create_predict_response([{"k": 1}], {0: "a"}, "done", 200, context)
print(torch.__file__)
try:
    torch.nn
except AttributeError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def worker(project):
    folder = project / "serving/image/torch_stand_in"
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_worker_answers_without_torch(project, worker):
    assert worker[0] == str(project / "serving/image/torch_stand_in/torch.py")


def test_what_is_not_there_is_named(worker):
    assert "torch.nn" in worker[1]
    assert "stand-in" in worker[1]


def test_true_package_goes_first(project, tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("")
    text = (project / "serving/image/torch_stand_in/torch.py").read_text(encoding="utf-8")
    (tmp_path / "torch.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "import torch; print(torch.__file__)"]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tmp_path / "torch/__init__.py")
