"""What a running server tells of itself: headers, readiness, metrics, logs; and that it repeats no request."""

import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from resay.engine import ModelFolder
from resay.errors import ServerError
from resay.torchserve.archive import ArchiveSettings
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS
from resay.torchserve.http_client import send
from resay.torchserve.identity import model_sha
from resay.torchserve.ports import choose_ports
from resay.torchserve.server import Server, ServerSettings, running_server
from resay.torchserve.stopping import ServerStop
from resay.torchserve.worker_log import log_lines

PROJECT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
BODY = b'{"inputs": "The food was very good."}'


def ask(url: str, body: bytes = BODY, **headers: str) -> httpx.Response:
    """Send JSON; an underscore in a header's name stands for a hyphen."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(url, content=body, headers={**JSON, **given}, timeout=60, trust_env=False)


def ago(seconds: float) -> str:
    return f"t={time.time() - seconds:.3f}"


def fetch_metrics(port: int) -> dict[str, float]:
    lines = send("GET", f"http://127.0.0.1:{port}/metrics").body.decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def log_folder(server) -> Path:
    (run,) = server.temporary.glob("resay-*")
    return run / "logs"


def requests_logged(folder: Path, num_requests: int, request_id: str) -> list[dict[str, object]]:
    """Return the lines about a request, which pass through a pipe and another process."""
    deadline = time.monotonic() + 20
    while True:
        found = [line for line in log_lines(folder / "workers.log") if line.get("request_id") == request_id]
        if len(found) >= num_requests or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_reply_says_which_model_made_it_and_how_long_it_took(server, model_path: Path) -> None:
    url = f"{server.url}/predictions/encode"
    direct = ask(url).headers
    assert direct["x-model-sha"] == model_sha(model_path)
    assert float(direct["x-compute-time-ms"]) > 0
    assert "x-queue-time-ms" not in direct
    assert len(direct["x-request-id"]) == 36
    assert float(ask(url, X_Request_Start=ago(2)).headers["x-queue-time-ms"]) >= 2000


def test_a_request_that_is_too_late_is_answered_so_and_logged(server) -> None:
    trace = f"00-{TRACE}-b7ad6b7169203331-01"
    headers = {"X_Request_Start": ago(2), "x_request_timeout_MS": "1500.5", "X_Request_Id": "late-1"}
    late = ask(f"{server.url}/predictions/paraphrase", traceparent=trace, **headers)
    assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline")
    (line,) = requests_logged(log_folder(server), 1, "late-1")
    assert (line["endpoint"], line["status"], line["code"]) == ("paraphrase", 504, "deadline")
    assert (line["trace_id"], line["torchserve_id"]) == (TRACE, late.headers["x-request-id"])
    in_time = ask(f"{server.url}/predictions/paraphrase", X_Request_Start=ago(0.01), X_Request_Timeout_Ms="60000")
    assert in_time.status_code == 200


def test_a_bad_timeout_is_refused(server) -> None:
    refused = ask(f"{server.url}/predictions/encode", X_Request_Timeout_Ms="-1")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["path"]) == (422, "out_of_range", "X-Request-Timeout-Ms")


@pytest.mark.parametrize("endpoint", list(DEFAULT_ENDPOINTS))
def test_every_endpoint_answers_as_the_exported_model_did(server, model_path: Path, endpoint: str) -> None:
    reply = send("GET", f"{server.url}/predictions/{endpoint}/1.0/readyz", timeout_s=60.0)
    expected = {"status": "ready", "ready": True, "model": "tiny", "model_sha": model_sha(model_path), "checked": 3}
    assert (reply.status, json.loads(reply.body)) == (200, expected)


def test_the_workers_metrics_are_shown_together(server, model_path: Path) -> None:
    url = f"{server.url}/predictions/encode"
    before = fetch_metrics(server.port + 3)
    assert (
        ask(
            url, b'{"inputs": ["The food was very good.", "The bed was so clean."]}', X_Request_Start=ago(1)
        ).status_code
        == 200
    )
    assert ask(url, b"[]").status_code == 422
    after = fetch_metrics(server.port + 3)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    encode = 'endpoint="encode"'
    assert grown(f'resay_requests_total{{code="",{encode},status="200"}}') == 1
    assert grown(f'resay_requests_total{{code="no_inputs",{encode},status="422"}}') == 1
    assert grown(f"resay_request_seconds_count{{{encode}}}") == 2
    assert grown(f"resay_queue_seconds_count{{{encode}}}") == 1
    assert grown(f"resay_queue_seconds_sum{{{encode}}}") >= 1
    assert grown(f"resay_batch_texts_sum{{{encode}}}") == 2
    assert grown(f"resay_batch_tokens_sum{{{encode}}}") == 12
    assert grown(f"resay_padded_tokens_total{{{encode}}}") == 12
    assert grown(f'resay_stage_seconds_count{{{encode},stage="compute"}}') == 1
    who = f'model="tiny",model_sha="{model_sha(model_path)}",provider="CPUExecutionProvider",version="1.0"'
    for endpoint in DEFAULT_ENDPOINTS:
        assert after[f'resay_workers{{endpoint="{endpoint}",{who}}}'] == 1


def test_paraphrases_are_counted(server) -> None:
    reply = ask(f"{server.url}/predictions/paraphrase", b'{"inputs": "The food was very good.", "n": 3}')
    (item,) = reply.json()["data"]
    found = fetch_metrics(server.port + 3)
    assert found['resay_candidates_total{endpoint="paraphrase"}'] >= len(item["candidates"])
    for reason, number in item["filtered"].items():
        name = f'resay_candidates_filtered_total{{endpoint="paraphrase",reason="{reason}"}}'
        assert found.get(name, 0) >= number


def test_the_front_ends_own_metrics_are_where_they_were(server) -> None:
    assert ask(f"{server.url}/predictions/encode").status_code == 200
    found = fetch_metrics(server.port + 2)
    assert any(name.startswith('ts_inference_requests_total{model_name="encode"') for name in found)


def test_every_line_of_every_log_is_a_json_object(server) -> None:
    lines = [line for path in log_folder(server).glob("*s.log") for line in path.read_text().splitlines()]
    assert len(lines) > 5
    for line in lines:
        assert isinstance(json.loads(line), dict)


MARKER = "quokka"
FAULT = "wombat"
"""A text with this word makes the service raise."""
FAULTY_HANDLER = """
from resay.engine import EncodeService
from resay.engine.sentences import SentencePreparer
from resay.torchserve.handler import ServiceHandler

prepare = SentencePreparer.prepare


def prepare_or_fail(self, text, **options):
    if "wombat" in text:
        raise ValueError(f"cannot read {text!r}")
    return prepare(self, text, **options)


SentencePreparer.prepare = prepare_or_fail


class EncodeHandler(ServiceHandler):
    service_class = EncodeService
"""


def free_port() -> int:
    """Return a port that is free with the three after it."""
    for port in range(30010, 32000, 10):
        with suppress(ServerError):
            choose_ports(port)
            return port
    raise AssertionError("no four free ports in a row")


@pytest.fixture(scope="module")
def faulty_server(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that fails on some texts, and logs every request."""
    project = tmp_path_factory.mktemp("faulty")
    shutil.copytree(PROJECT / "serving", project / "serving")
    (project / "handlers").mkdir()
    (project / "handlers" / "encode_handler.py").write_text(FAULTY_HANDLER)
    settings = ServerSettings(
        project=project, port=free_port(), archive=ArchiveSettings(endpoints=("encode",)), run_parent=project / "runs"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESAY_LOG_REQUESTS", "1")
        with running_server(ModelFolder.open(model_path), settings, ServerStop()) as started:
            assert started is not None
            yield started


def raw(port: int, request: bytes) -> None:
    """Send bytes that no HTTP library would."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        with suppress(ConnectionResetError):
            while connection.recv(65536):
                pass


def files_with(folder: Path, word: str) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):  # a socket, or a file that is gone by now
            if path.is_file() and word.encode() in path.read_bytes().lower():
                found.append(path)
    return found


TEXT = f"the {MARKER} was very good"
MULTIPART = f'--x\r\nContent-Disposition: form-data; name="{MARKER}"; filename="{MARKER}"\r\n\r\n{TEXT}\r\n--x--\r\n'
BODIES = {
    "application/json": [
        json.dumps({"inputs": TEXT}),
        json.dumps({"inputs": [TEXT, 7, f"{MARKER} " * 3000]}),
        json.dumps({"inputs": "food", MARKER: 1}),
        json.dumps({"inputs": "food", "features": MARKER, "encoding_format": MARKER}),
        json.dumps({MARKER: {MARKER: [MARKER]}}),
        json.dumps(TEXT),
        f'{{"inputs": "{MARKER}',
        f"{MARKER}",
        f'{{"inputs": "\\ud800 {MARKER}"}}',
        json.dumps({"inputs": f"{MARKER} {FAULT}"}),
        json.dumps({"inputs": [f"{MARKER} {FAULT}", "food"]}),
    ],
    "text/plain": [TEXT, f"{MARKER} {FAULT}", MARKER * 1000, f"caf\xe9 {MARKER}"],
    "application/x-www-form-urlencoded": [f"inputs={MARKER}", MARKER, f"share=100%zz {MARKER}", f"%{MARKER}=%"],
    "multipart/form-data; boundary=x": [MULTIPART, MULTIPART[:40], f"--x\r\n{MARKER}"],
    f"application/{MARKER}": [TEXT],
    f"{MARKER} {MARKER}": [TEXT],
}
TAILS = ["", "/1.0/v1/embeddings", f"/1.0/{MARKER}", f"/{MARKER}", f"?{MARKER}={MARKER}", f"/1.0/%zz{MARKER}"]
HEADERS = {
    "User-Agent": MARKER,
    "X-Request-Id": f"a {MARKER}",
    "X-Request-Timeout-Ms": MARKER,
    "X-Request-Start": f"t={MARKER}",
    "traceparent": f"00-{MARKER}",
    "Accept": MARKER,
    "Authorization": f"Bearer {MARKER}",
    "Cookie": MARKER,
}


def test_nothing_that_a_request_says_is_written_anywhere(faulty_server: Server) -> None:
    url = f"{faulty_server.inference_url}/predictions/encode"
    statuses = set()
    for content_type, bodies in BODIES.items():
        for body in bodies:
            content = body.encode("latin-1" if "\xe9" in body else "utf-8")
            for tail in ("", "/1.0/v1/embeddings"):
                reply = httpx.post(
                    url + tail, content=content, headers={"Content-Type": content_type}, timeout=60, trust_env=False
                )
                statuses.add(reply.status_code)
    for tail in TAILS:
        ask(url + tail, json.dumps({"inputs": TEXT}).encode())
    for name, value in HEADERS.items():
        ask(url, json.dumps({"inputs": TEXT}).encode(), **{name: value})
    ask(f"{faulty_server.inference_url}/{MARKER}")
    ask(f"{faulty_server.inference_url}/predictions/{MARKER}")
    raw(faulty_server.ports.inference, f"{MARKER}\r\n\r\n".encode())
    raw(faulty_server.ports.inference, f"POST /{MARKER} HTTP/9\r\n{MARKER}\r\n\r\n".encode())
    assert statuses >= {200, 400, 415, 422, 500}

    last = ask(url, json.dumps({"inputs": FAULT}).encode(), X_Request_Id="the-last")
    assert (last.status_code, last.json()["error"]["code"]) == (500, "internal_error")
    (line,) = requests_logged(faulty_server.run.logs, 1, "the-last")
    assert (line["status"], line["level"]) == (500, "error")
    lines = list(log_lines(faulty_server.run.logs / "workers.log"))
    faults = [line for line in lines if line.get("event") == "fault"]
    assert faults
    assert all(str(line["message"]).startswith("ValueError while answering a request") for line in faults)
    assert len([line for line in lines if line.get("event") == "request"]) > 40
    assert files_with(faulty_server.run.root, MARKER) == []
    front_end = list(log_lines(faulty_server.run.logs / "server.log"))
    assert any("ErrorDataDecoderException" in line["thrown"] for line in front_end)
