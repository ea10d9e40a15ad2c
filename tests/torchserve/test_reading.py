import json
import shlex
import subprocess
import sys

from resay.torchserve.reading import curl, piped_curl, show_reply

TEXT = "It's 5 o'clock — \"late\" & cold."
URL = "http://127.0.0.1:8080"


def test_the_curl_line_survives_the_shell() -> None:
    words = shlex.split(curl(URL, "encode", {"inputs": TEXT}))
    assert words[0] == "curl"
    assert f"{URL}/predictions/encode" in words
    assert json.loads(words[words.index("-d") + 1]) == {"inputs": TEXT}
    assert "Content-Type: application/json" in words


def test_a_token_stands_in_every_request_of_a_pipe() -> None:
    token = "$(cat token)"
    assert f'-H "Authorization: Bearer {token}"' in curl(URL, "encode", {"inputs": TEXT}, token)
    assert piped_curl(URL, "decode", {"inputs": TEXT}, token).count(f"Bearer {token}") == 2


def test_the_middle_of_a_pipe_makes_an_embedding_the_next_body() -> None:
    first, middle, last = piped_curl(URL, "decode", {"inputs": TEXT, "features": "latent"}).split("|\n")
    assert json.loads(shlex.split(first)[-1]) == {"inputs": TEXT, "features": "latent"}
    assert f"{URL}/predictions/decode" in last
    assert last.endswith("-d @-")
    _, *program = shlex.split(middle)
    reply = json.dumps({"data": [{"index": 0, "embedding": [0.5, -1.0]}]})
    done = subprocess.run([sys.executable, *program], input=reply, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"inputs": [0.5, -1.0]}


def test_only_the_first_numbers_of_an_embedding_are_shown() -> None:
    reply = {"dimensions": 300, "data": [{"index": 0, "embedding": [0.123456] * 300}]}
    shown = show_reply(reply)
    assert "[0.1235, 0.1235, 0.1235, 0.1235, … 300 numbers in all]" in shown
    assert len(shown) < 300
    assert len(reply["data"][0]["embedding"]) == 300
