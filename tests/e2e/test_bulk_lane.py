"""encode registered a second time: the same replies in every protocol, and numbers of its own in the metrics."""

import json

import pytest

from resay.torchserve.http_client import Reply, send

SENTENCE = "The food was very good."
JSON = {"Content-Type": "application/json"}
TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [SENTENCE]}
ASKED = [
    ("", {"inputs": [SENTENCE, " "]}, JSON),
    ("", {"inputs": []}, JSON),
    ("", {"colour": 1}, JSON),
    ("", {"instances": [SENTENCE]}, JSON),
    ("", {"inputs": [TENSOR]}, JSON),
    ("", {"inputs": SENTENCE}, {**JSON, "Accept": "application/octet-stream"}),
    ("", {"inputs": SENTENCE}, {"Content-Type": "application/x-www-form-urlencoded"}),
    ("/1.0/v1/embeddings", {"input": SENTENCE, "model": "tiny"}, JSON),
    ("/1.0/v1/embeddings", {"input": SENTENCE, "model": "other"}, JSON),
    ("/1.0/v2/models/encode/infer", {"inputs": [TENSOR]}, JSON),
]
QUESTIONS = ["readyz", "v1/models", "v1/models/encode", "v2", "v2/models/encode", "v2/models/encode/ready"]


@pytest.fixture
def server(start_in, model_path):
    script = start_in(model_path, "--endpoints", "encode", "encode_bulk")
    script.wait_for("Ctrl-C stops the server")
    return script


def told(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


def test_a_second_encode_answers_as_the_first_and_is_counted_apart(server) -> None:
    encode, bulk = (f"{server.url}/predictions/{name}" for name in ("encode", "encode_bulk"))
    for tail, body, headers in ASKED:
        replies = [
            told(send("POST", url + tail, body=json.dumps(body).encode(), headers=headers)) for url in (encode, bulk)
        ]
        assert replies[0] == replies[1], (tail, body)
        assert replies[0][0] in (200, 404, 415, 422)
    for tail in QUESTIONS:
        replies = [told(send("GET", f"{url}/1.0/{tail}")) for url in (encode, bulk)]
        assert replies[0] == replies[1], tail
        assert replies[0][0] == 200, tail
    (described,) = json.loads(send("GET", f"{server.management_url}/models/encode_bulk?customized=true").body)
    assert described["customizedMetadata"]["service"] == "encode"

    before = counted(server, "encode")
    send("POST", bulk, body=b'{"inputs": "food"}', headers=JSON)
    assert counted(server, "encode") == before
    assert counted(server, "encode_bulk") > 0


def counted(server, endpoint: str) -> float:
    """Return how many requests the workers' metrics have of an endpoint."""
    lines = send("GET", f"http://127.0.0.1:{server.port + 3}/metrics").body.decode().splitlines()
    wanted = [line for line in lines if line.startswith("resay_requests_total{") and f'endpoint="{endpoint}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in wanted)
