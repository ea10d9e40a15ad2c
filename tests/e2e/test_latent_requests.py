"""The endpoints about the latent space: of a model with binary latents, and of one without a prior."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resay.engine import DecodeService, InterpolateService, RawRequest, SampleService
from resay.torchserve.http_client import send

JSON = {"Content-Type": "application/json"}
NUM_BITS = 30
TEXTS = ["The food was very good.", "The bed was so clean.", "The service was really slow."]


class Client:
    """Sends JSON to one server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, endpoint: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body = json.dumps(payload).encode()
        reply = send("POST", f"{self.url}/predictions/{endpoint}", body=body, headers=JSON, timeout_s=60.0)
        return reply.status, json.loads(reply.body)

    def items(self, endpoint: str, **payload: object) -> list[dict[str, Any]]:
        status, reply = self.send(endpoint, payload)
        assert status == 200, reply
        assert [item["index"] for item in reply["data"]] == list(range(len(reply["data"])))
        return reply["data"]

    def refusal(self, endpoint: str, **payload: object) -> tuple[int, str, str, str]:
        """Return status, code, path and message."""
        status, reply = self.send(endpoint, payload)
        error = reply["error"]
        return status, error["code"], error["path"], error["message"]


@pytest.fixture(scope="module")
def client(binary_server) -> Client:
    return Client(binary_server.url)


@pytest.fixture(scope="module")
def client_without_prior(server) -> Client:
    return Client(server.url)


def latents(client: Client, **options: object) -> list[Any]:
    return [item["embedding"] for item in client.items("encode", inputs=TEXTS, **options)]


def test_bits_of_a_sentence_say_it_again(client: Client) -> None:
    packed = latents(client, encoding_format="bits")
    assert len(set(packed)) == 3
    assert {len(base64.b64decode(bits)) for bits in packed} == {4}
    decoded = client.items("decode", inputs=packed, encoding_format="bits")
    assert [item["text"] for item in decoded] == TEXTS
    assert all(-5 < item["log_prob"] <= 0 for item in decoded)


@pytest.mark.parametrize("encoding_format", ["float", "base64"])
def test_a_latent_has_one_meaning_in_every_form(client: Client, encoding_format: str) -> None:
    given = latents(client, features="latent", encoding_format=encoding_format)
    decoded = client.items("decode", inputs=given, encoding_format=encoding_format)
    assert [item["text"] for item in decoded] == TEXTS
    (alone,) = client.items("decode", inputs=given[1], encoding_format=encoding_format)
    assert alone["text"] == TEXTS[1]


def test_latents_of_numbers_go_there_and_back_as_well(client_without_prior: Client) -> None:
    given = latents(client_without_prior, features="latent")
    assert [item["text"] for item in client_without_prior.items("decode", inputs=given)] == TEXTS
    (item,) = client_without_prior.items("interpolate", inputs=TEXTS[:2], num_steps=5)
    assert (item["steps"][0]["text"], item["steps"][-1]["text"]) == (TEXTS[0], TEXTS[1])


def test_the_readings_are_those_of_the_model(client: Client) -> None:
    latent, bits = latents(client, features="latent"), latents(client, features="bits")
    probabilities = np.array(latents(client, features="probabilities"))
    assert latent == bits
    np.testing.assert_array_equal(probabilities > 0.5, np.array(bits))
    samples = [latents(client, features="sample", seed=seed) for seed in (0, 1, 1)]
    assert samples[0] != samples[1] == samples[2]
    status, code, path, message = client.refusal("encode", inputs=TEXTS, features="colour")
    assert (status, code, path) == (422, "not_allowed", "features")
    assert "probabilities" in message


def test_a_way_leads_from_one_sentence_to_the_other(client: Client) -> None:
    pairs = [[TEXTS[0], TEXTS[1]], [TEXTS[2], TEXTS[2]]]
    way, standstill = client.items("interpolate", inputs=pairs)
    steps = way["steps"]
    assert (steps[0]["text"], steps[-1]["text"]) == (TEXTS[0], TEXTS[1])
    positions = [step["position"] for step in steps]
    assert positions[0] == 0
    assert all(before < after <= 1 for before, after in pairwise(positions))
    assert all(before["text"] != after["text"] for before, after in pairwise(steps))
    assert [step["text"] for step in standstill["steps"]] == [TEXTS[2]]
    again, other = (client.items("interpolate", inputs=pairs[0], seed=seed)[0] for seed in (0, 3))
    assert again["steps"] == steps != other["steps"]
    (short,) = client.items("interpolate", inputs=pairs[0], num_steps=2)
    assert [step["text"] for step in short["steps"]] == TEXTS[:2]


def test_samples_follow_their_seed(client: Client) -> None:
    said = client.items("sample", n=4, seed=1)
    assert len(said) == 4
    assert all(item["text"] and "<unk>" not in item["text"] for item in said)
    assert client.items("sample", n=4, seed=1) == said
    assert client.items("sample", n=4, seed=2) != said
    drawn = [client.items("sample", n=4, seed=seed, temperature=1.0) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_nothing_at_all_asks_for_five_samples(binary_server) -> None:
    reply = send("POST", f"{binary_server.url}/predictions/sample")
    assert reply.status == 200
    assert len(json.loads(reply.body)["data"]) == 5


def test_a_model_with_binary_latents_paraphrases(client: Client) -> None:
    (item,) = client.items("paraphrase", inputs=TEXTS[0], n=3)
    assert 1 <= len({candidate["text"] for candidate in item["candidates"]}) == len(item["candidates"]) <= 3


def float32(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, dtype="<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("latent", "encoding_format", "code"),
    [
        ([0.0] * (NUM_BITS - 1), "float", "wrong_length"),
        (float32(*[0.0] * (NUM_BITS + 1)), "base64", "wrong_length"),
        (base64.b64encode(b"\0" * 5).decode(), "bits", "wrong_length"),
        (float32(*[0.0] * (NUM_BITS - 1), np.nan), "base64", "out_of_range"),
    ],
)
def test_a_latent_of_another_model_is_refused_and_fails_no_other(
    client: Client, latent: object, encoding_format: str, code: str
) -> None:
    right = latents(
        client, **({} if encoding_format == "bits" else {"features": "latent"}), encoding_format=encoding_format
    )
    status, given, path, message = client.refusal("decode", inputs=latent, encoding_format=encoding_format)
    assert (status, given, path) == (422, code, "inputs")
    assert str(NUM_BITS) in message
    first, bad, last = client.items("decode", inputs=[right[0], latent, right[1]], encoding_format=encoding_format)
    assert (first["text"], last["text"]) == (TEXTS[0], TEXTS[1])
    assert bad["error"]["code"] == code


def test_a_model_without_a_prior_says_so(client_without_prior: Client) -> None:
    status, code, _, message = client_without_prior.refusal("sample", n=2)
    assert (status, code) == (422, "no_prior")
    assert "export it again" in message


def test_bits_are_refused_where_latents_are_numbers(client_without_prior: Client) -> None:
    for endpoint, inputs in (("encode", TEXTS), ("decode", "AAAA")):
        status, code, path, _ = client_without_prior.refusal(endpoint, inputs=inputs, encoding_format="bits")
        assert (status, code) == (422, "not_allowed")
        assert path in ("encoding_format", "features")


def test_requests_that_share_a_batch_get_what_each_gets_alone(client: Client, binary_path: Path) -> None:
    bits = latents(client, encoding_format="bits")
    asked = [
        *(
            ("decode", {"inputs": latent, "encoding_format": "bits", "num_beams": 1 + i})
            for i, latent in enumerate(bits)
        ),
        ("decode", {"inputs": []}),
        *(("sample", {"n": n, "seed": n}) for n in (1, 2, 3)),
        ("sample", {"n": 0}),
        *(("interpolate", {"inputs": TEXTS[:2], "seed": seed}) for seed in (0, 1)),
        ("interpolate", {"inputs": TEXTS}),
    ]
    services = {"decode": DecodeService, "sample": SampleService, "interpolate": InterpolateService}
    opened = {name: service.open(binary_path) for name, service in services.items()}

    def alone(endpoint: str, payload: dict[str, object]) -> tuple[int, object]:
        (reply,) = opened[endpoint].respond([RawRequest(json.dumps(payload).encode(), "application/json")])
        return reply.status, texts_of(json.loads(reply.body))

    def served(endpoint: str, payload: dict[str, object]) -> tuple[int, object]:
        status, reply = client.send(endpoint, payload)
        return status, texts_of(reply)

    expected = [alone(*each) for each in asked]
    assert [status for status, _ in expected] == [200, 200, 200, 422, 200, 200, 200, 422, 200, 200, 422]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda each: served(*each), asked * 10))
    assert replies == expected * 10


def texts_of(reply: dict[str, Any]) -> object:
    """Return what must be equal to the letter: texts, or the error."""
    if "error" in reply:
        return reply["error"]
    return [[said["text"] for said in item.get("steps", [item])] for item in reply["data"]]
