"""Many requests at once: each gets its own answer, the same one as alone."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from resay.engine import EncodeService, ParaphraseService, RawRequest
from resay.torchserve.http_client import send

JSON = {"Content-Type": "application/json"}
NUM_THREADS = 32
NUM_REQUESTS = 320
WORDS = ["the", "food", "service", "room", "bed", "was", "very", "so", "good", "great", "slow", "clean"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Texts of many lengths, the longer ones beyond the model's."""
    generator = random.Random(0)
    return [" ".join(generator.choices(WORDS, k=generator.randrange(1, 60))) for _ in range(NUM_REQUESTS)]


def embeddings_of(body: bytes) -> np.ndarray:
    return np.array([item["embedding"] for item in json.loads(body)["data"]])


def test_served_embeddings_equal_those_of_the_engine_alone_and_in_any_batch(
    server, model_path: Path, texts: list[str]
) -> None:
    service = EncodeService.open(model_path)
    alone = [service.respond([RawRequest(text)])[0] for text in texts]

    def ask(text: str) -> bytes:
        reply = send("POST", f"{server.url}/predictions/encode", body=json.dumps(text).encode(), headers=JSON)
        assert reply.status == 200, reply
        return reply.body

    with ThreadPoolExecutor(NUM_THREADS) as pool:
        served = list(pool.map(ask, texts))
    for expected, actual in zip(alone, served, strict=True):
        np.testing.assert_allclose(embeddings_of(actual), embeddings_of(expected.body), rtol=0, atol=1e-5)


def test_served_embeddings_equal_those_of_torch(server, model_path: Path) -> None:
    """Torch made the golden sentences' vectors when the model was exported."""
    golden = json.loads((model_path / "model.json").read_text())["golden"]
    body = {"inputs": [sentence["text"] for sentence in golden], "normalize": False}
    reply = send("POST", f"{server.url}/predictions/encode", body=json.dumps(body).encode(), headers=JSON)
    expected = np.array([sentence["embedding"] for sentence in golden])
    np.testing.assert_allclose(embeddings_of(reply.body), expected, rtol=0, atol=1e-5)


def test_a_served_list_equals_its_texts_alone(server, model_path: Path, texts: list[str]) -> None:
    service = EncodeService.open(model_path)
    alone = [embeddings_of(service.respond([RawRequest(text)])[0].body)[0] for text in texts]
    reply = send("POST", f"{server.url}/predictions/encode", body=json.dumps(texts).encode(), headers=JSON)
    np.testing.assert_allclose(embeddings_of(reply.body), np.stack(alone), rtol=0, atol=1e-5)


def test_paraphrases_and_refusals_do_not_mix(server, model_path: Path) -> None:
    """Good and bad requests share TorchServe's batches; each gets its own status and its own answer."""
    service = ParaphraseService.open(model_path)
    good = [f"The {noun} was {how}." for noun in ("food", "room", "bed") for how in ("so good", "very slow")]
    bodies = [json.dumps({"inputs": text, "n": 2}) for text in good] + ['{"inputs": ', "[]", '"zyx"']
    expected = [service.respond([RawRequest(body.encode(), "application/json")])[0] for body in bodies]

    def ask(index: int) -> None:
        url = f"{server.url}/predictions/paraphrase"
        reply = send("POST", url, body=bodies[index].encode(), headers=JSON, timeout_s=60.0)
        assert reply.status == expected[index].status, reply
        assert texts_of(reply.body) == texts_of(expected[index].body)

    with ThreadPoolExecutor(NUM_THREADS) as pool:
        list(pool.map(ask, [index for _ in range(10) for index in range(len(bodies))]))


def texts_of(body: bytes) -> object:
    """Return what must be equal to the letter: candidates' texts, or the error."""
    reply = json.loads(body)
    if "error" in reply:
        return reply["error"]
    return [[candidate["text"] for candidate in item["candidates"]] for item in reply["data"]]


def test_a_killed_worker_is_replaced(server) -> None:
    """The only test that harms the shared server; it is whole again afterwards."""

    def worker() -> dict[str, object]:
        reply = send("GET", f"{server.management_url}/models/encode")
        return json.loads(reply.body)[0]["workers"][0]

    first = worker()
    os.kill(int(first["pid"]), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (now := worker())["status"] != "READY" or now["pid"] == first["pid"]:
        assert time.monotonic() < deadline, now
        time.sleep(0.2)
    body = json.dumps("The food was very good.").encode()
    assert send("POST", f"{server.url}/predictions/encode", body=body, headers=JSON).status == 200
