"""Start and stop: what the user sees, and what stays behind (nothing)."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from resay.torchserve.http_client import send
from resay.torchserve.ports import choose_ports

PROJECT = Path(__file__).parents[2]
SERVING = "Ctrl-C stops the server"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def status_of_request(script, headers: Mapping[str, str] = MappingProxyType({})) -> int:
    url = f"{script.url}/predictions/encode"
    return send("POST", url, body=b"The food.", headers={"Content-Type": "text/plain", **headers}).status


def health(script, *options: str) -> int:
    command = [sys.executable, str(PROJECT / "serving" / "health.py"), "--port", str(script.port), *options]
    return subprocess.run(command, timeout=60, env=os.environ | {"TMPDIR": "/nowhere"}, check=False).returncode


def check_all_gone(script) -> None:
    assert script.left_behind() == {}
    assert list(script.temporary.iterdir()) == []
    choose_ports(script.port)


def test_the_check_shows_every_command_and_reply_and_ends(start_in, binary_path: Path, tmp_path: Path) -> None:
    place = tmp_path / "runs"
    script = start_in(binary_path, "--exit-after-check", "--example", "The bed was so clean.", "--run-dir", str(place))
    assert script.wait_for_end(120) == 0, script.output
    assert script.output.count("$ curl -X POST http://127.0.0.1:") == 5
    for sign in ("16 numbers in all", '"candidates"', '"encoding_format": "bits"', '"steps"', '"position"'):
        assert sign in script.output
    assert "warning" not in script.output
    check_all_gone(script)
    (run,) = place.iterdir()
    assert (run / "config.properties").is_file()
    assert (run / "logs" / "workers.log").is_file()


def test_a_wrong_reply_fails_the_check(start) -> None:
    # The model knows none of these words: the endpoint refuses. A server in use would go on with a warning.
    script = start("--exit-after-check", "--example", "zyx qwv")
    assert script.wait_for_end(120) == 1
    assert "warning: paraphrase: refused with status 422" in script.output
    assert "no_known_words" in script.output
    assert script.output.count("$ curl -X POST") == 2
    check_all_gone(script)


def test_what_a_language_model_cannot_do_it_refuses_rightly(start_in, language_model_path: Path) -> None:
    script = start_in(language_model_path, "--exit-after-check", "--endpoints", "sample", "decode")
    assert script.wait_for_end(120) == 0, script.output
    assert "/predictions/NAME with NAME one of: decode, sample\n" in script.output
    assert script.output.count("no_latent_space") == 1
    assert '"log_prob"' in script.output
    check_all_gone(script)


def test_ctrl_c_ends_everything_with_status_0_and_no_other_server(start, server) -> None:
    script = start()
    script.wait_for(SERVING)
    assert len(script.server_processes()) == 3  # Java and two workers
    assert status_of_request(script) == status_of_request(server) == 200
    assert health(script) == health(server) == 0
    script.process.send_signal(signal.SIGINT)
    assert script.wait_for_end() == 0, script.output
    check_all_gone(script)
    assert status_of_request(server) == 200
    assert health(script) == 1


def test_with_tokens_only_their_holders_are_served(start) -> None:
    script = start("--token-auth")
    script.wait_for(SERVING)
    assert status_of_request(script) == 400  # TorchServe's own choice; the example requests had the token
    (key_file,) = script.temporary.glob("resay-*/key_file.json")
    assert f"{key_file}; they expire after 24 hours" in script.output
    key = json.loads(key_file.read_text())["inference"]["key"]
    assert health(script) == 1
    assert health(script, "--key-file", str(key_file)) == 0
    assert status_of_request(script, {"Authorization": f"Bearer {key}"}) == 200
    assert key not in script.output
    script.process.send_signal(signal.SIGTERM)
    assert script.wait_for_end() == 0, script.output
    check_all_gone(script)


def test_ctrl_c_during_the_start_ends_everything(start) -> None:
    script = start()
    while not script.server_processes():
        assert script.process.poll() is None, script.output
    script.process.send_signal(signal.SIGINT)
    assert script.wait_for_end() == 0, script.output
    check_all_gone(script)


def test_a_second_ctrl_c_kills(start) -> None:
    script = start()
    script.wait_for(SERVING)
    # Java hears no more, and so never follows the polite request.
    java = min(script.server_processes())
    os.kill(java, signal.SIGSTOP)
    script.process.send_signal(signal.SIGINT)
    script.wait_for("Stopping")
    script.process.send_signal(signal.SIGINT)
    assert script.wait_for_end(8) == 0, script.output
    check_all_gone(script)


def test_a_server_that_dies_is_reported(start) -> None:
    script = start()
    script.wait_for(SERVING)
    os.kill(min(script.server_processes()), signal.SIGKILL)
    assert script.wait_for_end() == 1
    assert "error: TorchServe ended by itself with status -9" in script.output
    check_all_gone(script)


def test_no_server_outlives_a_killed_script(start) -> None:
    script = start()
    script.wait_for(SERVING)
    script.process.kill()
    script.wait_for_end()
    assert script.left_behind() == {}


def test_a_device_that_is_not_there_ends_the_start(start) -> None:
    if "CUDAExecutionProvider" in pytest.importorskip("onnxruntime").get_available_providers():
        pytest.skip("this onnxruntime may find a GPU")
    script = start("--device", "cuda")
    assert script.wait_for_end(120) == 1
    assert "error: a worker could not load its model: device 'cuda'" in script.output
    assert "Traceback" not in script.output
    check_all_gone(script)


def test_a_port_taken_by_a_server_is_named_before_anything_starts(start, server) -> None:
    script = start("--port", str(server.port))
    assert script.wait_for_end() == 1
    assert f"error: port {server.port} on 127.0.0.1" in script.output
    assert "--port" in script.output
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pass
