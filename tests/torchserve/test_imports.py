import subprocess
import sys

PROGRAM = """
import sys
import resay.torchserve.server, resay.torchserve.examples, resay.torchserve.exchange
print(sorted({"torch", "ts", "onnxruntime"} & set(sys.modules)))
"""


def test_starting_a_server_imports_neither_torch_nor_torchserve() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
