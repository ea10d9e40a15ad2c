"""What a started image has to answer, and what it must not be able to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contained import Contained
from edge_files import EDGE_FOLDER, KEY_FILE

from resay.errors import ServerError

_POST = (
    "import sys, urllib.request as r; print(r.urlopen(r.Request(sys.argv[1], sys.argv[2].encode(),"
    " {'Content-Type': 'application/json'}), timeout=20).read().decode())"
)
_CONNECTION = (
    "import http.client, ssl, sys; s = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); s.check_hostname = False;"
    " s.verify_mode = ssl.CERT_NONE; c = http.client.HTTPSConnection('127.0.0.1', 8443, context=s);"
)
_READY = _CONNECTION + " c.request('GET', '/readyz'); r = c.getresponse(); print(r.status, r.read().decode())"
_OVER_TLS = _CONNECTION + (
    " h = {'Authorization': 'Bearer ' + open(sys.argv[1]).read()} if sys.argv[2] else {};"
    """ c.request('POST', '/encode', '{"inputs": "Hello."}', h | {'Content-Type': 'application/json'});"""
    " r = c.getresponse(); print(r.status, r.read().decode())"
)
_COMPILERS = ("cc", "gcc", "g++", "make", "javac")


def check_hardening(running: Contained) -> None:
    """Check that even root could write nothing outside /tmp, that nobody has a capability, and that nothing compiles.

    Raises:
        ServerError: If one of them is otherwise.
    """
    for path in ("/app/x", "/opt/resay/x", "/var/tmp/x", "/dev/x"):
        answer = running.ask(["touch", path], as_root=True)
        if "Read-only file system" not in answer.stderr:
            raise ServerError(f"{path} could be written, or fails for another reason: {answer.stderr.strip()}")
    status = running.ask(["cat", "/proc/1/status"]).stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    expected = {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Uid": "\t".join(["10001"] * 4)}
    found = {name: fields.get(name) for name in expected}
    if found != expected:
        raise ServerError(f"process 1 must run with {expected}; it runs with {found}")
    present = [name for name in _COMPILERS if running.ask(["/bin/sh", "-c", f"command -v {name}"]).returncode == 0]
    if present:
        raise ServerError(f"the image must hold no compiler; it holds {', '.join(present)}")


def encode(running: Contained) -> str:
    """Ask for an embedding; return a line about it."""
    reply = post(running, "encode", {"inputs": "The food was great."})
    size = len(reply["data"][0]["embedding"])
    if size != reply["dimensions"]:
        raise ServerError(f"/predictions/encode gave {size} numbers instead of {reply['dimensions']}")
    return f"/predictions/encode: {size} numbers"


def paraphrase(running: Contained) -> str:
    """Ask for paraphrases; return a line with them."""
    reply = post(running, "paraphrase", {"inputs": "The food was great.", "n": 3})
    texts = [candidate["text"] for candidate in reply["data"][0]["candidates"]]
    if not texts:
        raise ServerError(f"/predictions/paraphrase gave no candidate: {reply}")
    return f"/predictions/paraphrase: {texts}"


def post(running: Contained, endpoint: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Return an endpoint's reply to a body.

    Raises:
        ServerError: If it is not a success.
    """
    url = f"http://127.0.0.1:8080/predictions/{endpoint}"
    answer = running.ask(["python", "-c", _POST, url, json.dumps(body)])
    if answer.returncode:
        raise ServerError(f"{url} failed: {answer.stderr.strip()}")
    reply: dict[str, Any] = json.loads(answer.stdout)
    return reply


def through_the_edge(running: Contained) -> str:
    """Ask for an embedding over TLS, with and without the key; return a line about it."""
    answers = [running.ask(["python", "-c", _OVER_TLS, f"{EDGE_FOLDER}/{KEY_FILE}", key]) for key in ("", "key")]
    if [answer.stdout.split()[:1] for answer in answers] != [["401"], ["200"]]:
        raise ServerError(f"the edge must answer 401 without a key and 200 with it: {answers}")
    return "/encode: 401 without a key, 200 with it"


def ready(running: Contained) -> str:
    """Ask the edge whether all endpoints work; return a line about it."""
    answer = running.ask(["python", "-c", _READY])
    if answer.stdout.split()[:1] != ["200"]:
        raise ServerError(f"/readyz must answer 200: {answer}")
    return "/readyz: 200"


QUESTIONS: Mapping[str, Sequence[Callable[[Contained], str]]] = {
    "cpu": (encode, paraphrase),
    "gpu": (encode, paraphrase),
    "edge": (ready, through_the_edge),
}
